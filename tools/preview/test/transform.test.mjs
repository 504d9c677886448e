import assert from "node:assert/strict";
import { test } from "node:test";
import { transform } from "../page/transform.mjs";

const column = (name, values) => ({ name, type: typeof values[0], labels: {}, values });
const frame = (columns) => ({ fields: Object.entries(columns).map(([name, values]) => column(name, values)) });
const table = (frames) =>
    frames.map(({ fields }) => Object.fromEntries(fields.map(({ name, values }) => [name, values])));

const LINKS = frame({ link: ["a", "b"], Lag: [1, 2] });
const ERRORS = frame({ link: ["b", "c"], Errors: [7, 8] });

test("merge puts rows that agree into one", () => {
    assert.deepEqual(table(transform([LINKS, ERRORS], [{ id: "merge", options: {} }])), [
        { link: ["a", "b", "c"], Lag: [1, 2, null], Errors: [null, 7, 8] },
    ]);
});

test("joinByField keeps a row for each value, or those that every frame has", () => {
    const joined = (mode) =>
        table(transform([LINKS, ERRORS], [{ id: "joinByField", options: { byField: "link", mode } }]));
    assert.deepEqual(joined("outer"), [{ link: ["a", "b", "c"], Lag: [1, 2, null], Errors: [null, 7, 8] }]);
    assert.deepEqual(joined("inner"), [{ link: ["b"], Lag: [2], Errors: [7] }]);
});

test("organize leaves out, orders and renames", () => {
    const options = { excludeByName: { Time: true }, indexByName: { Lag: 0, link: 1 }, renameByName: { link: "Link" } };
    const [organized] = transform([frame({ Time: [1], link: ["a"], Lag: [5] })], [{ id: "organize", options }]);
    assert.deepEqual(
        organized.fields.map(({ name }) => name),
        ["Lag", "Link"],
    );
});

test("sortBy sorts whole rows, and filterFieldsByName keeps what is included", () => {
    const sort = { id: "sortBy", options: { sort: [{ field: "Lag", desc: true }] } };
    assert.deepEqual(table(transform([LINKS], [sort])), [{ link: ["b", "a"], Lag: [2, 1] }]);
    const keep = { id: "filterFieldsByName", options: { include: { pattern: "/^L/" } } };
    assert.deepEqual(table(transform([LINKS], [keep])), [{ Lag: [1, 2] }]);
});

test("a transformation that is not known is said", () => {
    assert.throws(() => transform([LINKS], [{ id: "groupBy", options: {} }]), {
        message: "the preview does not know the transformation `groupBy`",
    });
});
