// Asks Prometheus what a panel's queries ask, and gives frames as Grafana's data source does.
import { interpolateQuery } from "./interpolate.mjs";
import { regex } from "./regex.mjs";

// What the data source of a Grafana would say of its scrape interval; the preview scrapes every one or two seconds.
const SCRAPE_INTERVAL = 2;

async function ask(path, parameters) {
    const answer = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = await answer.json().catch(() => ({}));
    if (body.status !== "success") throw new Error(body.error ?? `Prometheus answers ${answer.status}`);
    return body.data;
}

/** The board's range, cut to where the history begins: an hour of nothing tells nothing. */
export async function readRange({ from, to }) {
    const until = moment(to);
    const since = moment(from);
    const step = Math.ceil((until - since) / 10000);
    const { result } = await ask("query_range", { query: "min(up)", start: since, end: until, step });
    const begin = result[0]?.values[0][0] ?? until - 60;
    return { from: Math.max(since, begin), to: until, asked: { from, to } };
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

function moment(text) {
    const relative = /^now(?:-(\d+)([smhdw]))?$/.exec(text);
    if (!relative) return Date.parse(text) / 1000;
    return Date.now() / 1000 - Number(relative[1] ?? 0) * (UNITS[relative[2]] ?? 0);
}

export function seconds(text) {
    const [, count, unit] = /^>?(\d+)([smhdw])$/.exec(text ?? "") ?? [];
    return count ? count * UNITS[unit] : 0;
}

/** Grafana's own variables. */
function builtIn({ from, to }, step) {
    const rate = Math.max(step + SCRAPE_INTERVAL, 4 * SCRAPE_INTERVAL);
    const range = Math.max(1, Math.round(to - from));
    return {
        __interval: `${step}s`,
        __interval_ms: String(step * 1000),
        __rate_interval: `${rate}s`,
        __range: `${range}s`,
        __range_s: String(range),
        __range_ms: String(range * 1000),
        __from: String(Math.round(from * 1000)),
        __to: String(Math.round(to * 1000)),
    };
}

/** The frames of each query of a panel, `width` pixels wide. */
export async function frames(panel, { variables, range, width }) {
    const shown = (panel.targets ?? []).filter((target) => !target.hide && target.expr);
    const points = panel.maxDataPoints ?? Math.max(100, width / 2);
    const step = Math.max(SCRAPE_INTERVAL, seconds(panel.interval), Math.ceil((range.to - range.from) / points));
    const tables = shown.filter((target) => target.format === "table").length;
    const asked = shown.map(async (target) => {
        const query = interpolateQuery(target.expr, variables, builtIn(range, step));
        const data = target.instant
            ? await ask("query", { query, time: range.to })
            : await ask("query_range", { query, start: range.from, end: range.to, step });
        const series = data.resultType === "scalar" ? [{ metric: {}, value: data.result }] : data.result;
        const value = tables > 1 ? `Value #${target.refId}` : "Value";
        if (target.format === "table") return [tableFrame(target, series, value)];
        return series.map((one) => seriesFrame(target, one, step));
    });
    return { frames: (await Promise.all(asked)).flat(), step };
}

const points = ({ value, values }) => values ?? [value];
const number = (text) => Number(text.replace("Inf", "Infinity"));

function tableFrame({ refId }, series, valueName) {
    const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort();
    const cells = series.flatMap((one) => points(one).map(([time, value]) => ({ metric: one.metric, time, value })));
    const column = (name, type, values) => ({ name, type, refId, labels: {}, values });
    const fields = [
        column(
            "Time",
            "time",
            cells.map(({ time }) => time * 1000),
        ),
        ...labels.map((label) =>
            column(
                label,
                "string",
                cells.map(({ metric }) => metric[label] ?? ""),
            ),
        ),
        column(
            valueName,
            "number",
            cells.map(({ value }) => number(value)),
        ),
    ];
    return { refId, fields };
}

function seriesFrame({ refId, legendFormat }, one, step) {
    const times = [];
    const values = [];
    for (const [time, value] of points(one)) {
        // A hole is a null, so that no line is drawn across it.
        if (times.length > 0 && time * 1000 - times.at(-1) > step * 1500) {
            times.push(times.at(-1) + step * 1000);
            values.push(null);
        }
        times.push(time * 1000);
        values.push(number(value));
    }
    const displayName = legend(legendFormat, one.metric);
    return {
        refId,
        fields: [
            { name: "Time", type: "time", refId, labels: {}, values: times },
            { name: "Value", displayName, type: "number", refId, labels: one.metric, values },
        ],
    };
}

function legend(legendFormat, { __name__ = "", ...labels }) {
    if (legendFormat && legendFormat !== "__auto") {
        return legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => ({ __name__, ...labels })[label] ?? "");
    }
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return pairs.length === 0 && __name__ ? __name__ : `${__name__}{${pairs.join(", ")}}`;
}

/** The values that a variable's query finds. */
export async function metricValues(model, { variables, range }) {
    const text = typeof model.query === "string" ? model.query : (model.query?.query ?? "");
    const query = interpolateQuery(text, variables, builtIn(range, SCRAPE_INTERVAL));
    const times = { start: range.from, end: range.to };
    const labels = /^label_values\((?:(.*),)?\s*(\w+)\s*\)$/s.exec(query.trim());
    if (labels) {
        const [, selector, label] = labels;
        const values = await ask(`label/${label}/values`, selector ? { ...times, "match[]": selector } : times);
        return picked(values, model.regex);
    }
    const result = /^query_result\((.*)\)$/s.exec(query.trim());
    if (!result) throw new Error(`the preview does not know the query of the variable \`${model.name}\`: ${query}`);
    const { result: series } = await ask("query", { query: result[1], time: range.to });
    const texts = series.map(({ metric: { __name__ = "", ...rest }, value }) => {
        const pairs = Object.entries(rest).map(([label, text]) => `${label}="${text}"`);
        return `${__name__}{${pairs}} ${value[1]} ${value[0] * 1000}`;
    });
    return picked(texts, model.regex);
}

function picked(texts, wanted) {
    if (!wanted) return texts;
    const matches = texts.map((text) => regex(wanted).exec(text)).filter(Boolean);
    return [...new Set(matches.map((match) => match.groups?.value ?? match[1] ?? match[0]))];
}

/** Where each series of an annotation's query is true: `{ from, to, labels }` in milliseconds. */
export async function annotationSpans(annotation, { variables, range, step }) {
    const expr = annotation.expr ?? annotation.target?.expr;
    const query = interpolateQuery(expr, variables, builtIn(range, step));
    const { result } = await ask("query_range", { query, start: range.from, end: range.to, step });
    return result.flatMap(({ metric, values }) => {
        if (annotation.useValueForTime) {
            const moments = new Set(values.map(([, value]) => number(value)));
            const seen = [...moments].filter((at) => at >= range.from * 1000 && at <= range.to * 1000);
            return seen.map((at) => ({ from: at, to: at, labels: metric }));
        }
        const spans = [];
        for (const [time, value] of values.filter(([, value]) => number(value) !== 0)) {
            const open = spans.at(-1);
            if (open && time * 1000 - open.to <= step * 1500) open.to = time * 1000;
            else spans.push({ from: time * 1000, to: time * 1000, labels: metric });
        }
        return spans;
    });
}
