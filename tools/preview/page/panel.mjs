// The panels of a board at their places in Grafana's grid, each with its title, its description and what it draws.
//
// What a check of the page wants to know stands at each panel: `data-state` is `loading`, `drawn`, `empty` or `error`,
// `data-queries` the letters of its queries, `data-count` how many series, rows or values are drawn, `data-notes` what the
// preview cannot draw as Grafana does.
import { element } from "./element.mjs";
import { configure } from "./field.mjs";
import { interpolate } from "./interpolate.mjs";
import * as stateTimeline from "./panels/state-timeline.mjs";
import * as stat from "./panels/stat.mjs";
import * as table from "./panels/table.mjs";
import * as timeseries from "./panels/timeseries.mjs";
import { frames } from "./query.mjs";
import { transform } from "./transform.mjs";

const PANELS = { "state-timeline": stateTimeline, stat, table, timeseries };

export function grid(board, context) {
    const panels = board.panels.map((panel) => (panel.type === "row" ? row(panel, context) : box(panel, context)));
    return {
        element: element("main", {}, ...panels.map((panel) => panel.element)),
        draw: () => Promise.all(panels.map((panel) => panel.draw())),
    };
}

function place({ x, y, w, h }) {
    return { "grid-column": `${x + 1} / span ${w}`, "grid-row": `${y + 1} / span ${h}` };
}

function row(panel, { variables }) {
    const folded =
        panel.collapsed && panel.panels.length > 0
            ? ` (${panel.panels.length} panels in a folded row: the preview draws none of them)`
            : "";
    const title = interpolate(panel.title ?? "", variables, { unformatted: "text" });
    return {
        element: element("h2", { textContent: title + folded, style: place(panel.gridPos) }),
        draw: async () => {},
    };
}

function box(panel, context) {
    const title = interpolate(panel.title ?? "", context.variables, { unformatted: "text" });
    const body = element("div", { className: "body" });
    const marks = element("span", { className: "notes" });
    const description = panel.description
        ? element("span", { className: "about", textContent: "i", title: panel.description })
        : null;
    const queries = (panel.targets ?? []).map(({ refId }) => refId).join(" ");
    const made = element(
        "section",
        {
            className: panel.transparent ? "panel transparent" : "panel",
            style: place(panel.gridPos),
            data: { id: panel.id, title, type: panel.type, state: "loading", count: 0, notes: "", queries },
        },
        element("h3", {}, element("span", { textContent: title, title: panel.description ?? "" }), description, marks),
        body,
    );
    const note = (text) => {
        made.dataset.notes += `${text}\n`;
        marks.append(element("span", { textContent: "⚠", title: text }));
    };
    return { element: made, draw: () => fill(made, body, { ...context, panel, note }) };
}

async function fill(made, body, context) {
    try {
        const count = await drawn(body, context);
        made.dataset.count = String(count);
        made.dataset.state = count > 0 ? "drawn" : "empty";
        // A tile says by itself that there is nothing, and in which colour.
        if (count === 0 && context.panel.type !== "stat") {
            const text = context.panel.fieldConfig?.defaults.noValue ?? "No data";
            body.replaceChildren(element("div", { className: "message", textContent: text }));
        }
    } catch (error) {
        made.dataset.state = "error";
        made.dataset.notes += `${error.message}\n`;
        body.replaceChildren(element("div", { className: "message error", textContent: error.message }));
    }
}

async function drawn(body, context) {
    const { panel, note, variables, range } = context;
    const known = PANELS[panel.type];
    if (!known) throw new Error(`the preview does not know panels of the type \`${panel.type}\``);
    if (panel.repeat) note("the preview draws a repeated panel once");
    for (const key of ["timeFrom", "timeShift", "libraryPanel"]) {
        if (panel[key]) note(`the preview does not know \`${key}\``);
    }
    const found = await frames(panel, { variables, range, width: body.clientWidth });
    const shaped = configure(transform(found.frames, panel.transformations), panel.fieldConfig);
    return known.draw(body, { ...context, frames: shaped, step: found.step });
}
