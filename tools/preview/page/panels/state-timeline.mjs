// One row a series, coloured by what its value is mapped to.
import * as echarts from "/echarts.mjs";
import { readableOn } from "../colour.mjs";
import { element } from "../element.mjs";
import { display } from "../field.mjs";
import { nameOf } from "../frame.mjs";
import { FONT, chart, quietAxis, timeAxis, tooltip, tooltipRows } from "./chart.mjs";

const LABEL_WIDTH = 420;
/** Rows lower than this cannot all be named. */
const LEAST_ROW = 14;

export function draw(body, { panel, frames, range, step }) {
    const rows = frames.flatMap(({ fields }) => {
        const time = fields.find((field) => field.type === "time");
        return fields
            .filter((field) => field.type !== "time" && time)
            .map((field) => ({ field, spans: spansOf(time, field, step) }));
    });
    const drawn = rows.filter(({ spans }) => spans.length > 0);
    if (drawn.length === 0) return 0;
    const { rowHeight = 0.9, showValue = "auto", legend = {} } = panel.options;
    const dense = body.clientHeight / drawn.length < LEAST_ROW;
    const look = { rowHeight, showValue, opacity: (drawn[0].field.config.custom.fillOpacity ?? 70) / 100 };
    // ECharts counts rows from below.
    const upwards = [...drawn].reverse();
    const data = upwards.flatMap(({ spans }, row) =>
        spans.map(({ from, to, shown }) => ({ value: [row, from, to], shown })),
    );
    chart(
        body,
        {
            grid: { left: 8, right: 16, top: 4, bottom: 4, containLabel: true },
            xAxis: timeAxis(range),
            yAxis: {
                ...quietAxis,
                type: "category",
                data: upwards.map(({ field }) => nameOf(field)),
                splitLine: { show: false },
                axisLabel: {
                    ...quietAxis.axisLabel,
                    width: LABEL_WIDTH,
                    overflow: "truncate",
                    interval: dense ? "auto" : 0,
                },
            },
            series: [
                {
                    type: "custom",
                    data,
                    encode: { x: [1, 2], y: 0 },
                    renderItem: ({ dataIndex, coordSys }, api) => bar(api, coordSys, data[dataIndex].shown, look),
                },
            ],
            tooltip: tooltip(({ value: [row, from, to], data: { shown } }) => {
                const held = display(
                    { type: "number", config: { unit: "dtdurations", decimals: 1 } },
                    (to - from) / 1000,
                ).text;
                return tooltipRows(from, [
                    { colour: shown.colour, name: nameOf(upwards[row].field), text: `${shown.text} for ${held}` },
                ]);
            }),
        },
        { legend: legendOf(legend, drawn) },
    );
    return drawn.length;
}

/** Runs of one text, each until the next value; a hole ends a run. */
function spansOf(time, field, step) {
    const spans = [];
    time.values.forEach((from, at) => {
        const value = field.values[at];
        if (value == null) return;
        const to = Math.min(time.values[at + 1] ?? from, from + step * 1500);
        const shown = display(field, value);
        const open = spans.at(-1);
        if (open && open.to >= from && open.shown.text === shown.text) open.to = to;
        else spans.push({ from, to, shown });
    });
    return spans;
}

function bar(api, plot, shown, { rowHeight, showValue, opacity }) {
    const [left, middle] = api.coord([api.value(1), api.value(0)]);
    const [right] = api.coord([api.value(2), api.value(0)]);
    const height = api.size([0, 1])[1] * rowHeight;
    const area = { x: left, y: middle - height / 2, width: Math.max(1, right - left), height };
    const shape = echarts.graphic.clipRectByRect(area, plot);
    if (!shape) return undefined;
    const fits = shape.width > shown.text.length * 7 + 8 && height >= 13;
    const style = { fill: shown.colour, opacity };
    const labelled = showValue === "always" || (showValue === "auto" && fits);
    return {
        type: "rect",
        shape,
        style,
        textContent: labelled
            ? { style: { text: shown.text, fill: readableOn(shown.colour), fontSize: 11, fontFamily: FONT } }
            : undefined,
        textConfig: { position: "insideLeft" },
    };
}

/** Every state that is drawn, once. */
function legendOf({ showLegend = true, displayMode }, drawn) {
    if (!showLegend || displayMode === "hidden") return null;
    const states = new Map(drawn.flatMap(({ spans }) => spans.map(({ shown }) => [shown.text, shown.colour])));
    const items = [...states].map(([text, background]) =>
        element("span", {}, element("span", { className: "swatch", style: { background } }), text),
    );
    return element("div", { className: "legend bottom" }, ...items);
}
