// The variables of a board: which values each has to choose from, which are chosen, and what they come to in a text.
import { metricValues } from "./query.mjs";

const ALL = "$__all";

/** Every variable of the board with its options and its choice: from the address, else the board, else the first. */
export async function readVariables(board, address, context) {
    const variables = [];
    for (const model of board.templating?.list ?? []) {
        // A later variable's query may use an earlier one.
        const options = await optionsOf(model, { ...context, variables });
        variables.push({ model, name: model.name, options, chosen: chosen(model, options, address) });
    }
    return variables;
}

async function optionsOf(model, context) {
    switch (model.type) {
        case "datasource":
            return ["the preview's Prometheus"];
        case "query":
            return sorted(await metricValues(model, context), model.sort);
        case "custom":
        case "interval":
            return String(model.query)
                .split(",")
                .map((option) => option.trim());
        case "constant":
        case "textbox":
            return [String(model.query ?? "")];
        default:
            throw new Error(`the preview does not know variables of the type \`${model.type}\`: \`${model.name}\``);
    }
}

/** Grafana numbers the orders: odd ones ascend, then by letters, numbers, letters of either case, natural. */
function sorted(options, order = 0) {
    if (order === 0) return options;
    const numeric = order === 3 || order === 4 || order > 6;
    const ascending = [...options].sort((a, b) => a.localeCompare(b, "en", { numeric }));
    return order % 2 === 1 ? ascending : ascending.reverse();
}

function chosen(model, options, address) {
    const asked = address.getAll(`var-${model.name}`).filter((value) => value !== "");
    if (asked.length > 0) return asked.map((value) => (value === "All" ? ALL : value));
    const current = [model.current?.value ?? []].flat().filter((value) => value === ALL || options.includes(value));
    if (current.length > 0) return current;
    if (model.includeAll) return [ALL];
    return options.slice(0, 1);
}

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
