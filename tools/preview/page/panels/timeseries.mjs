// Lines, points and bars over time.
import { colour } from "../colour.mjs";
import { display, seriesColour, thresholds } from "../field.mjs";
import { nameOf } from "../frame.mjs";
import { chart, legendOf, quietAxis, timeAxis, tooltip, tooltipRows } from "./chart.mjs";

const DASHES = { dash: [10, 10], dot: [2, 6] };

export function draw(body, { panel, frames, range, annotations }) {
    const drawn = frames.flatMap(({ fields }) => {
        const time = fields.find((field) => field.type === "time");
        return fields.filter((field) => field.type === "number" && time).map((field) => ({ time, field }));
    });
    if (drawn.length === 0) return 0;
    const fields = drawn.map(({ field }) => field);
    const { legend = {} } = panel.options;
    body.classList.toggle("beside", legend.placement === "right");
    const seen = drawn.filter(({ field }) => !field.config.custom.hideFrom?.viz);
    const axes = axesOf(seen.map(({ field }) => field));
    const series = seen.map((one) => lineOf(one, axes));
    if (series.length > 0) series[0].markLine = marks(annotations, fields[0]);
    chart(
        body,
        {
            grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
            xAxis: timeAxis(range),
            yAxis: axes.map(({ axis }) => axis),
            series,
            tooltip: { trigger: "axis", ...tooltip((points) => tooltipOf(points, seen)) },
        },
        { legend: legendOf(legend, fields) },
    );
    return drawn.filter(({ field }) => field.values.some((value) => value != null)).length;
}

function tooltipOf(points, drawn) {
    const rows = points.map(({ seriesIndex, value }) => {
        const { field } = drawn[seriesIndex];
        return { colour: seriesColour(field), name: nameOf(field), text: display(field, value[1]).text };
    });
    return tooltipRows(points[0]?.value[0], rows);
}

/** A vertical axis for each unit and side, as Grafana makes them. */
function axesOf(fields) {
    const axes = new Map();
    for (const field of fields) {
        const { unit, min, max, decimals, custom } = field.config;
        const key = `${unit} ${custom.axisPlacement}`;
        const ends = { field, keys: key };
        if (axes.has(key)) continue;
        const right = custom.axisPlacement === "right" || (axes.size === 1 && custom.axisPlacement !== "left");
        const soft = (end, better) => (end === undefined ? undefined : (value) => better(value, end));
        axes.set(key, {
            ...ends,
            axis: {
                ...quietAxis,
                type: custom.scaleDistribution?.type === "log" ? "log" : "value",
                position: right ? "right" : "left",
                show: custom.axisPlacement !== "hidden",
                name: custom.axisLabel || undefined,
                nameLocation: "middle",
                nameGap: 52,
                nameTextStyle: quietAxis.axisLabel,
                min: min ?? soft(custom.axisSoftMin, ({ min }, end) => Math.min(min, end)),
                max: max ?? soft(custom.axisSoftMax, ({ max }, end) => Math.max(max, end)),
                // Marks nearer than the decimals tell apart would all read alike.
                minInterval: decimals === undefined ? undefined : 10 ** -decimals,
                splitNumber: 5,
                axisLabel: {
                    ...quietAxis.axisLabel,
                    formatter: (value) =>
                        bare(display({ ...field, config: { ...field.config, mappings: [] } }, value).text),
                },
            },
        });
    }
    return [...axes.values()];
}

/** A number without the zeros that say nothing: marks of an axis are round. */
const bare = (text) => text.replace(/(\.\d*?)0+(?!\d)/, (_, kept) => (kept === "." ? "" : kept));

function lineOf({ time, field }, axes) {
    const { custom, unit } = field.config;
    const own = seriesColour(field);
    const {
        drawStyle = "line",
        fillOpacity = 0,
        lineWidth = 1,
        lineStyle,
        lineInterpolation,
        showPoints = "auto",
        stacking,
    } = custom;
    const lonely = field.values.filter((value) => value != null).length < 2;
    const step = { stepAfter: "end", stepBefore: "start" }[lineInterpolation] ?? false;
    return {
        name: nameOf(field),
        type: drawStyle === "bars" ? "bar" : "line",
        yAxisIndex: axes.findIndex(({ keys }) => keys === `${unit} ${custom.axisPlacement}`),
        data: time.values.map((at, row) => [at, field.values[row]]),
        step,
        smooth: lineInterpolation === "smooth" ? 0.3 : false,
        connectNulls: custom.spanNulls === true,
        stack: stacking?.mode === "normal" ? (stacking.group ?? "A") : undefined,
        showSymbol: lonely || showPoints === "always" || drawStyle === "points",
        symbolSize: custom.pointSize ?? 5,
        itemStyle: { color: own, opacity: 1 },
        lineStyle: {
            width: drawStyle === "points" ? 0 : lineWidth,
            color: own,
            type: lineStyle?.fill in DASHES ? (lineStyle.dash ?? DASHES[lineStyle.fill]) : "solid",
        },
        areaStyle: fillOpacity > 0 && drawStyle === "line" ? { color: own, opacity: fillOpacity / 100 } : undefined,
        emphasis: { disabled: true },
    };
}

/** Annotations where they begin, and thresholds where the panel wants them as lines. */
function marks(annotations, field) {
    const style = field.config.custom.thresholdsStyle?.mode ?? "off";
    const lines = style.includes("line") || style.includes("dashed") ? thresholds(field) : [];
    const data = [
        ...annotations.map(({ from, name, text, iconColor }) => ({
            xAxis: from,
            name: `${name}: ${text}`,
            lineStyle: { color: colour(iconColor), type: "dashed", width: 1 },
        })),
        ...lines
            .filter(({ value }) => Number.isFinite(value))
            .map(({ value, color }) => ({
                yAxis: value,
                lineStyle: { color, type: style.includes("dashed") ? "dashed" : "solid", width: 1 },
            })),
    ];
    return { symbol: "none", silent: false, label: { show: false }, data, tooltip: { ...tooltip(({ name }) => name) } };
}
