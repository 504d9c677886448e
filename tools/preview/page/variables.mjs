// The variables of a board: which values each has to choose from, and which are chosen.
import { ALL } from "./interpolate.mjs";
import { metricValues } from "./query.mjs";

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
