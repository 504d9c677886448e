import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, display, linksOf } from "../page/field.mjs";

const RED = "#F2495C";
const GREEN = "#73BF69";
const STEPS = [
    { value: null, color: "green" },
    { value: 5, color: "red" },
];
const NO_DATA = { type: "special", options: { match: "null", result: { text: "NO DATA", color: "red" } } };
const WORD = { type: "value", options: { 0: { text: "ACTIVE", color: "green" } } };

function shown(value, defaults) {
    const [{ fields }] = configure([{ fields: [{ name: "Value", type: "number", labels: {}, values: [value] }] }], {
        defaults,
    });
    const { text, colour } = display(fields[0], value);
    return [text, colour];
}

test("a value has the text and colour of its mapping, else of its unit and threshold", () => {
    const defaults = {
        unit: "s",
        noValue: "–",
        mappings: [NO_DATA, WORD],
        thresholds: { mode: "absolute", steps: STEPS },
    };
    assert.deepEqual(shown(null, defaults), ["NO DATA", RED]);
    assert.deepEqual(shown(0, defaults), ["ACTIVE", GREEN]);
    assert.deepEqual(shown(4, defaults), ["4 s", GREEN]);
    assert.deepEqual(shown(7, defaults), ["7 s", RED]);
    assert.deepEqual(shown(null, { ...defaults, mappings: [] }), ["–", GREEN]);
});

test("an override changes the fields that it matches, and links name other cells of the row", () => {
    const links = [{ title: "Open", url: "/d/link?var-link=${__data.fields.Link:percentencode}" }];
    const overrides = [
        {
            matcher: { id: "byName", options: "Lag" },
            properties: [
                { id: "unit", value: "s" },
                { id: "links", value: links },
            ],
        },
    ];
    const column = (name, type, value) => ({ name, type, labels: {}, values: [value] });
    const [frame] = configure([{ fields: [column("Link", "string", "a b"), column("Lag", "number", 3)] }], {
        overrides,
    });
    const [link, lag] = frame.fields;
    assert.deepEqual([display(link, "a b").text, display(lag, 3).text], ["a b", "3 s"]);
    assert.deepEqual(linksOf(lag, frame, 0, []), [
        { title: "Open", url: "/d/link?var-link=a%20b", targetBlank: undefined },
    ]);
});
