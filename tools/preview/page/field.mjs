// How a field is shown: the panel's defaults, then its overrides; and for each value its text, colour and links.
import { colour, palette } from "./colour.mjs";
import { format } from "./format.mjs";
import { nameOf } from "./frame.mjs";
import { interpolate, toAddress } from "./interpolate.mjs";
import { regex } from "./regex.mjs";

const MATCHERS = {
    byName: (field, frame, name) => name === field.name || name === nameOf(field),
    byNames: (field, frame, { names }) => names.includes(nameOf(field)),
    byRegexp: (field, frame, text) => regex(text).test(nameOf(field)),
    byType: (field, frame, type) => field.type === type,
    byFrameRefID: (field, frame, refId) => (frame.refId ?? field.refId) === refId,
};

/** The frames, each field with its `config`, and numbered among the numbers for the palette. */
export function configure(frames, { defaults = {}, overrides = [] } = {}) {
    let place = 0;
    return frames.map((frame) => {
        const fields = frame.fields.map((field) => {
            const config = { ...defaults, custom: { ...defaults.custom } };
            for (const { matcher, properties } of overrides) {
                const matches = MATCHERS[matcher.id];
                if (!matches) throw new Error(`the preview does not know the matcher \`${matcher.id}\` of an override`);
                if (matches(field, frame, matcher.options)) properties.forEach((property) => set(config, property));
            }
            return { ...field, config, place: field.type === "number" ? place++ : 0 };
        });
        return { ...frame, fields };
    });
}

function set(config, { id, value }) {
    if (id.startsWith("custom.")) config.custom[id.slice("custom.".length)] = value;
    else config[id] = value;
}

/** `{ text, colour, mapped }` of a value: its mapping's, else the number with its unit, and the colour of its threshold. */
export function display(field, value) {
    const { config } = field;
    const mapped = config.mappings?.map((mapping) => mappedBy(mapping, value)).find(Boolean);
    const text = mapped?.text || textOf(field, value);
    return { text, colour: mapped?.color ? colour(mapped.color) : scaleColour(field, value), mapped: Boolean(mapped) };
}

function textOf({ type, config }, value) {
    if (value == null || value === "") return config.noValue ?? "";
    if (type === "time") return format(value, config.unit ?? "dateTimeAsIso", config.decimals);
    return typeof value === "number" ? format(value, config.unit, config.decimals) : String(value);
}

function mappedBy({ type, options }, value) {
    switch (type) {
        case "value":
            return value == null ? undefined : options[String(value)];
        case "range": {
            const inside =
                typeof value === "number" && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity);
            return inside ? options.result : undefined;
        }
        case "special":
            return isSpecial(options.match, value) ? options.result : undefined;
        case "regex": {
            const pattern = regex(options.pattern);
            if (value == null || !pattern.test(String(value))) return undefined;
            const { text } = options.result;
            return { ...options.result, text: text && String(value).replace(pattern, text) };
        }
        default:
            throw new Error(`the preview does not know the mapping \`${type}\``);
    }
}

function isSpecial(match, value) {
    const tests = {
        null: value == null,
        nan: Number.isNaN(value),
        "null+nan": value == null || Number.isNaN(value),
        empty: value === "",
        true: value === true,
        false: value === false,
    };
    return tests[match];
}

/** The steps of a field's thresholds, `value` absolute and the first one minus infinity. */
export function thresholds({ config: { thresholds: { mode = "absolute", steps = [] } = {}, min = 0, max = 100 } }) {
    const absolute = (value) => (mode === "percentage" ? min + ((max - min) * value) / 100 : value);
    return steps.map(({ value, color }) => ({
        value: value == null ? -Infinity : absolute(value),
        color: colour(color),
    }));
}

function scaleColour(field, value) {
    const { mode = "thresholds", fixedColor } = field.config.color ?? {};
    if (mode === "fixed" || mode === "shades") return colour(fixedColor ?? "text");
    if (mode.startsWith("palette")) return palette(field.place);
    if (mode !== "thresholds") throw new Error(`the preview does not know the colours \`${mode}\``);
    const number = typeof value === "number" && !Number.isNaN(value) ? value : -Infinity;
    return thresholds(field).findLast((step) => number >= step.value)?.color ?? colour("text");
}

/** The colour of a line: its own, or the one its last value has. */
export function seriesColour(field) {
    return display(
        { ...field, config: { ...field.config, mappings: [] } },
        field.values.findLast((value) => value != null),
    ).colour;
}

/** The links of one value of a frame, with what their addresses name filled in. */
export function linksOf(field, frame, row, variables) {
    const named = (name) => frame.fields.find((other) => nameOf(other) === name || other.name === name);
    return (field.config.links ?? []).map(({ title, url, targetBlank }) => {
        const value = field.values[row];
        const facts = {
            "__value.raw": value,
            "__value.text": display(field, value).text,
            "__field.name": nameOf(field),
        };
        const filled = `${url}`
            .replace(/\$\{__data\.fields(?:\.(\w+)|\[["']?([^\]"']+)["']?\])(?::\w+)?\}/g, (_, plain, quoted) =>
                encodeURIComponent(named(plain ?? quoted)?.values[row] ?? ""),
            )
            .replace(/\$\{__field\.labels\.(\w+)(?::\w+)?\}/g, (_, label) =>
                encodeURIComponent(field.labels[label] ?? ""),
            )
            .replace(/\$\{(__value\.(?:raw|text)|__field\.name)(?::\w+)?\}/g, (_, name) =>
                encodeURIComponent(facts[name] ?? ""),
            )
            .replace(/\$\{__all_variables\}|\$__all_variables/g, () => toAddress(variables))
            .replace(/&?(?:\$\{__url_time_range\}|\$__url_time_range)/g, "");
        return { title, url: interpolate(filled, variables, { unformatted: "percentencode" }), targetBlank };
    });
}
