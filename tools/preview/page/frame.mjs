// A frame is a table of columns, as in Grafana: `{ refId, fields }`, a field `{ name, type, values, labels, refId }` with
// the type `time`, `number` or `string`. Times are milliseconds.

export const rows = (frame) => frame.fields[0]?.values.length ?? 0;

/** The name by which overrides, links and legends know a field. */
export function nameOf(field) {
    return field.config?.displayName || field.displayName || field.name;
}

const last = (values) => values.findLast((value) => value != null) ?? null;
const finite = (values) => values.filter((value) => value != null && !Number.isNaN(value));

/** Grafana's calculations over a field's values. */
const CALCULATIONS = {
    last: (values) => values.at(-1) ?? null,
    lastNotNull: last,
    first: (values) => values[0] ?? null,
    firstNotNull: (values) => values.find((value) => value != null) ?? null,
    min: (values) => (finite(values).length ? Math.min(...finite(values)) : null),
    max: (values) => (finite(values).length ? Math.max(...finite(values)) : null),
    mean: (values) => (finite(values).length ? CALCULATIONS.sum(values) / finite(values).length : null),
    sum: (values) => finite(values).reduce((sum, value) => sum + value, 0),
    count: (values) => values.length,
};

export function calculate(name, values) {
    const known = CALCULATIONS[name];
    if (!known) throw new Error(`the preview does not know the calculation \`${name}\``);
    return known(values);
}
