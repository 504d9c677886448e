// What the choices of a board's variables come to in a text and in the address.

/** The choice of every option. */
export const ALL = "$__all";

export const isAll = (variable) => variable.chosen.includes(ALL);

/** What stands in the address for these choices. */
export function toAddress(variables) {
    return variables
        .flatMap(({ name, chosen }) => chosen.map((value) => `var-${name}=${encodeURIComponent(value)}`))
        .join("&");
}

// For a regular expression within a string of PromQL: each backslash stands twice.
const escapeRegex = (text) => text.replace(/\\/g, "\\\\\\\\").replace(/[\^$.*+?()[\]{}|]/g, "\\\\$&");
const escapeString = (text) => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"');

const FORMATS = {
    queryparam: (variable) => toAddress([variable]),
    raw: ({ values }) => values.join(","),
    text: ({ values }) => values.join(" + "),
    csv: ({ values }) => values.join(","),
    pipe: ({ values }) => values.join("|"),
    percentencode: ({ values }) => encodeURIComponent(values.join(",")),
    doublequote: ({ values }) => values.map((value) => `"${escapeString(value)}"`).join(","),
    regex: ({ values }) => (values.length === 1 ? escapeRegex(values[0]) : `(${values.map(escapeRegex).join("|")})`),
};

/** The text with `$name`, `${name}`, `${name:format}` and `[[name]]` replaced; `builtIn` are Grafana's own by name. */
export function interpolate(text, variables, { builtIn = {}, unformatted = "raw" } = {}) {
    const place = /\$\{(\w+)(?:\.[^:}]*)?(?::(\w+))?\}|\[\[(\w+)\]\]|\$(\w+)/g;
    return text.replace(place, (whole, braced, format, bracketed, plain) => {
        const name = braced ?? bracketed ?? plain;
        if (name in builtIn) return builtIn[name];
        const variable = variables.find((variable) => variable.name === name);
        if (!variable) return whole;
        const wanted = format ?? unformatted;
        if (isAll(variable) && wanted === "text") return "All";
        if (isAll(variable) && variable.model.allValue && wanted !== "queryparam") return variable.model.allValue;
        const values = isAll(variable) ? variable.options : variable.chosen;
        const write = FORMATS[wanted];
        if (!write) throw new Error(`the preview does not know the format \`${format}\` of a variable`);
        return write({ ...variable, values });
    });
}

/** As Prometheus' data source does it: choices of many are a regular expression, others are a part of a string. */
export function interpolateQuery(text, variables, builtIn) {
    const single = variables.filter(({ model }) => !model.multi && !model.includeAll);
    const strings = single.map((variable) => ({ ...variable, chosen: variable.chosen.map(escapeString) }));
    const many = variables.filter((variable) => !single.includes(variable));
    return interpolate(interpolate(text, strings, { builtIn }), many, { unformatted: "regex" });
}
