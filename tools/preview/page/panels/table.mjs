// A frame as a table; where there are several frames, one to choose.
import { readableOn } from "../colour.mjs";
import { element } from "../element.mjs";
import { display, linksOf } from "../field.mjs";
import { nameOf, rows } from "../frame.mjs";
import { compare } from "../transform.mjs";

export function draw(body, { panel, frames, variables, note }) {
    const filled = frames.filter((frame) => rows(frame) > 0);
    if (filled.length === 0) return 0;
    if (filled.length > 1) note(`a table of ${filled.length} frames shows the first; Grafana lets choose`);
    const [frame] = filled;
    const columns = frame.fields.filter((field) => !field.config.custom.hidden);
    const { sortBy = [], showHeader = true, footer } = panel.options;
    if (footer?.show) note("the preview draws no footer of a table");
    const order = Array.from({ length: rows(frame) }, (_, row) => row);
    for (const { displayName, desc } of sortBy.slice(0, 1)) {
        const by = frame.fields.find((field) => nameOf(field) === displayName);
        if (by) order.sort((a, b) => compare(by.values[a], by.values[b]) * (desc ? -1 : 1));
    }
    const width = columns.reduce((sum, field) => sum + widthOf(field), 0);
    const style = { "min-width": `${width}px` };
    const table = element("table", { className: `cells ${panel.options.cellHeight ?? "sm"}`, style });
    if (showHeader) table.append(element("tr", {}, ...columns.map((field) => headOf(field))));
    for (const row of order)
        table.append(element("tr", {}, ...columns.map((field) => cellOf(field, frame, row, variables))));
    body.append(element("div", { className: "scroll" }, table));
    return order.length;
}

const aligned = ({ type, config: { custom } }) =>
    custom.align && custom.align !== "auto" ? custom.align : type === "number" ? "right" : "left";

/** Columns without a width share what is left, and have this at least: as in Grafana. */
const LEAST = 150;
const widthOf = ({ config: { custom } }) => custom.width ?? custom.minWidth ?? LEAST;

function headOf(field) {
    const { width } = field.config.custom;
    const style = { "text-align": aligned(field), width: width ? `${width}px` : "auto" };
    return element("th", { textContent: nameOf(field), title: field.config.description ?? "", style });
}

const CELLS = {
    auto: () => ({}),
    "color-text": ({ colour }) => ({ color: colour }),
    "color-background": ({ colour }) => ({ background: colour, color: readableOn(colour) }),
};

function cellOf(field, frame, row, variables) {
    const shown = display(field, field.values[row]);
    const { type = "auto" } = field.config.custom.cellOptions ?? {};
    const styled = CELLS[type];
    if (!styled) throw new Error(`the preview does not know table cells of the type \`${type}\``);
    const style = { "text-align": aligned(field), ...styled(shown) };
    const [link] = linksOf(field, frame, row, variables);
    const content = link ? element("a", { href: link.url, title: link.title, textContent: shown.text }) : shown.text;
    return element("td", { style, title: shown.text }, content);
}
