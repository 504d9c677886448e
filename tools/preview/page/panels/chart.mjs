// What charts over time share: axes, crosshair, legend. Apache ECharts draws them.
import * as echarts from "/echarts.mjs";
import { calculate, nameOf } from "../frame.mjs";
import { dateTime } from "../format.mjs";
import { display, seriesColour } from "../field.mjs";
import { element } from "../element.mjs";

export const FONT = "Inter, Helvetica, Arial, sans-serif";
const FAINT = "rgba(204, 204, 220, 0.10)";
const TEXT = "rgba(204, 204, 220, 0.75)";
/** Charts of one group move their crosshairs together. */
const GROUP = "board";

/** Draws `option` into `body` and lets it go with the element. */
export function chart(body, option, { legend } = {}) {
    const canvas = element("div", { className: "chart" });
    body.append(canvas);
    if (legend) body.append(legend);
    const drawn = echarts.init(canvas, null, { renderer: "canvas" });
    drawn.group = GROUP;
    echarts.connect(GROUP);
    drawn.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option });
    const resized = new ResizeObserver(() =>
        canvas.isConnected ? drawn.resize() : (resized.disconnect(), drawn.dispose()),
    );
    resized.observe(canvas);
    return drawn;
}

export const timeAxis = ({ from, to }) => ({
    type: "time",
    min: from * 1000,
    max: to * 1000,
    splitNumber: 6,
    axisLine: { lineStyle: { color: FAINT } },
    axisLabel: {
        color: TEXT,
        fontSize: 11,
        hideOverlap: true,
        formatter: to - from < 600 ? "{HH}:{mm}:{ss}" : "{HH}:{mm}",
    },
    splitLine: { show: true, lineStyle: { color: FAINT } },
    axisPointer: { show: true, lineStyle: { color: TEXT, type: "dashed" }, label: { show: false } },
});

export const quietAxis = {
    axisLabel: { color: TEXT, fontSize: 11 },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: FAINT } },
};

export const tooltip = (formatter) => ({
    confine: true,
    backgroundColor: "#22252b",
    borderColor: FAINT,
    textStyle: { color: "#ccccdc", fontSize: 12 },
    formatter,
});

/** A text that a browser does not take for markup: ECharts' tooltips are HTML. */
export function escaped(text) {
    return element("i", { textContent: text }).innerHTML;
}

export const tooltipRows = (time, rows) =>
    [
        dateTime(time),
        ...rows.map(
            ({ colour, name, text }) =>
                `<span style="color:${colour}">■</span> ${escaped(name)}&emsp;<b>${escaped(text)}</b>`,
        ),
    ].join("<br>");

/** Names, colours and the calculations that the panel asks for; `null` where it wants no legend. */
export function legendOf(
    { displayMode = "list", placement = "bottom", showLegend = true, calcs = [], sortBy, sortDesc },
    fields,
) {
    if (!showLegend || displayMode === "hidden") return null;
    const shown = fields.filter(({ config }) => !config.custom.hideFrom?.legend);
    const cells = shown.map((field) => ({
        field,
        texts: calcs.map((name) => display(field, calculate(name, field.values)).text),
        key: sortBy
            ? calculate(calcs.find((name) => LABELS[name] === sortBy) ?? calcs[0] ?? "lastNotNull", field.values)
            : 0,
    }));
    if (sortBy) cells.sort((a, b) => (a.key - b.key) * (sortDesc ? -1 : 1));
    const swatch = (field) => element("span", { className: "swatch", style: { background: seriesColour(field) } });
    if (displayMode === "list") {
        const items = cells.map(({ field, texts }) =>
            element(
                "span",
                {},
                swatch(field),
                nameOf(field),
                ...texts.map((text, at) => ` ${LABELS[calcs[at]]}: ${text}`),
            ),
        );
        return element("div", { className: `legend ${placement}` }, ...items);
    }
    const head = ["Name", ...calcs.map((name) => LABELS[name] ?? name)].map((name) =>
        element("th", { textContent: name }),
    );
    const lines = cells.map(({ field, texts }) =>
        element(
            "tr",
            {},
            element("td", {}, swatch(field), nameOf(field)),
            ...texts.map((text) => element("td", { textContent: text })),
        ),
    );
    return element(
        "div",
        { className: `legend ${placement}` },
        element("table", {}, element("tr", {}, ...head), ...lines),
    );
}

const LABELS = {
    last: "Last",
    lastNotNull: "Last *",
    min: "Min",
    max: "Max",
    mean: "Mean",
    sum: "Total",
    first: "First",
    count: "Count",
};
