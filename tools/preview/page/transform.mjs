// Grafana's transformations, as far as the boards use them. One that is not here is an error for the panel to show.
import { nameOf, rows } from "./frame.mjs";
import { regex } from "./regex.mjs";

const TRANSFORMATIONS = { merge, organize, joinByField, sortBy, filterFieldsByName };

export function transform(frames, transformations = []) {
    return transformations
        .filter(({ disabled }) => !disabled)
        .reduce((frames, { id, options, filter }) => {
            const known = TRANSFORMATIONS[id];
            if (!known) throw new Error(`the preview does not know the transformation \`${id}\``);
            if (filter) throw new Error(`the preview does not know a filter of the transformation \`${id}\``);
            return known(frames, options ?? {});
        }, frames);
}

/** One frame with every column; rows that agree in the columns they share become one. */
function merge(frames) {
    const filled = frames.filter((frame) => frame.fields.length > 0);
    if (filled.length < 2) return frames;
    const columns = new Map(filled.flatMap(({ fields }) => fields.map((field) => [nameOf(field), field])));
    const shared = [...columns.keys()].filter((name) =>
        filled.every(({ fields }) => fields.some((field) => nameOf(field) === name)),
    );
    const merged = [];
    const byKey = new Map();
    for (const frame of filled) {
        for (let row = 0; row < rows(frame); row++) {
            const cells = Object.fromEntries(frame.fields.map((field) => [nameOf(field), field.values[row]]));
            const key = JSON.stringify(shared.map((name) => cells[name]));
            const agrees = (other) =>
                Object.keys(cells).every((name) => !(name in other) || other[name] === cells[name]);
            const same = byKey.get(key)?.find(agrees);
            if (same) {
                Object.assign(same, cells);
            } else {
                merged.push(cells);
                byKey.set(key, [...(byKey.get(key) ?? []), cells]);
            }
        }
    }
    const fields = [...columns].map(([name, field]) => ({
        ...field,
        values: merged.map((cells) => cells[name] ?? null),
    }));
    return [{ fields }];
}

/** Columns left out, put in order and renamed. */
function organize(frames, { excludeByName = {}, includeByName = {}, indexByName = {}, renameByName = {} }) {
    const included = Object.values(includeByName).some(Boolean);
    const place = (field) => indexByName[nameOf(field)] ?? Number.MAX_SAFE_INTEGER;
    return frames.map((frame) => {
        const kept = frame.fields.filter(
            (field) => !excludeByName[nameOf(field)] && (!included || includeByName[nameOf(field)]),
        );
        const fields = kept
            .sort((a, b) => place(a) - place(b))
            .map((field) => {
                const name = renameByName[nameOf(field)];
                return name ? { ...field, name, displayName: name } : field;
            });
        return { ...frame, fields };
    });
}

/** One row for each value of a column; the frames' other columns beside each other. */
function joinByField(frames, { byField, mode = "outer" }) {
    const keyed = frames.flatMap((frame) => {
        const isKey = (field) => (byField ? nameOf(field) === byField : field.type === "time");
        const key = frame.fields.find(isKey);
        return key ? [{ key, rest: frame.fields.filter((field) => field !== key) }] : [];
    });
    if (keyed.length === 0) return frames;
    const everywhere = (value) => keyed.every(({ key }) => key.values.includes(value));
    const all = [...new Set(keyed.flatMap(({ key }) => key.values))];
    const values = mode === "inner" ? all.filter(everywhere) : all;
    if (keyed[0].key.type === "time") values.sort((a, b) => a - b);
    const joined = keyed.flatMap(({ key, rest }) => {
        const rowOf = new Map(key.values.map((value, row) => [value, row]));
        return rest.map((field) => ({
            ...field,
            values: values.map((value) => field.values[rowOf.get(value)] ?? null),
        }));
    });
    return [{ fields: [{ ...keyed[0].key, values }, ...joined] }];
}

function picked(frame, order) {
    return {
        ...frame,
        fields: frame.fields.map((field) => ({ ...field, values: order.map((row) => field.values[row]) })),
    };
}

const numbered = (frame) => Array.from({ length: rows(frame) }, (_, row) => row);

/** Nothing stands before everything; texts by their letters, numbers by their size. */
export function compare(a, b) {
    if (a == null || b == null) return (a != null) - (b != null);
    return typeof a === "string" ? a.localeCompare(String(b), "en", { numeric: true }) : a - b;
}

function sortBy(frames, { sort: [{ field, desc = false } = {}] = [] }) {
    return frames.map((frame) => {
        const by = frame.fields.find((other) => nameOf(other) === field);
        if (!by) return frame;
        const order = numbered(frame).sort((a, b) => compare(by.values[a], by.values[b]) * (desc ? -1 : 1));
        return picked(frame, order);
    });
}

function filterFieldsByName(frames, { include = {}, exclude = {} }) {
    const matches = ({ names = [], pattern }, name) =>
        names.includes(name) || (pattern != null && regex(pattern).test(name));
    const kept = (field) =>
        (Object.keys(include).length === 0 || matches(include, nameOf(field))) && !matches(exclude, nameOf(field));
    return frames.map((frame) => ({ ...frame, fields: frame.fields.filter(kept) }));
}
