// A number with its unit, in the words Grafana uses. A unit that is not here is an error for the panel to show.

/** Three digits, as Grafana shows where a board asks for no decimals. */
function automaticDecimals(value) {
    return Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
}

export function fixed(value, decimals) {
    return value.toFixed(Math.min(20, decimals ?? automaticDecimals(value)));
}

/** Divides by the largest step that fits: `steps` are pairs of factor and suffix, ascending. */
function scaled(steps) {
    return (value, decimals) => {
        const fits = steps.filter(([factor]) => Math.abs(value) >= factor);
        const [factor, suffix] = value === 0 ? steps.find(([factor]) => factor === 1) : (fits.at(-1) ?? steps[0]);
        return fixed(value / factor, decimals) + suffix;
    };
}

const powers = (base, suffixes) => scaled(suffixes.map((suffix, power) => [base ** power, suffix]));
const suffixed =
    (suffix, factor = 1) =>
    (value, decimals) =>
        fixed(value * factor, decimals) + suffix;

const seconds = scaled([
    [1e-9, " ns"],
    [1e-6, " µs"],
    [1e-3, " ms"],
    [1, " s"],
    [60, " min"],
    [3600, " hour"],
    [86400, " day"],
    [604800, " week"],
    [31536000, " year"],
]);

const SPANS = [
    ["year", 31536000],
    ["month", 2592000],
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
];

/** `2 hours, 3 minutes`: the largest unit and, for each decimal, one more. */
function duration(value, decimals) {
    if (value < 0) return `${duration(-value, decimals)} ago`;
    if (value < 1) return value === 0 ? "0 seconds" : `${Math.round(value * 1000)} milliseconds`;
    const first = SPANS.findIndex(([, length]) => value >= length);
    let rest = value;
    const words = SPANS.slice(first, first + 1 + (decimals ?? 0)).map(([name, length]) => {
        const count = Math.floor(rest / length);
        rest -= count * length;
        return `${count} ${name}${count === 1 ? "" : "s"}`;
    });
    return words.join(", ");
}

function clock(value) {
    const [hours, minutes, rest] = [Math.floor(value / 3600), Math.floor(value / 60) % 60, Math.floor(value % 60)];
    return [hours, minutes, rest].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A moment in milliseconds as a distance from now. */
function fromNow(moment) {
    const ago = (Date.now() - moment) / 1000;
    const away = Math.abs(ago);
    const [unit, length] =
        away < 45
            ? []
            : away < 2700
              ? ["minute", 60]
              : away < 79200
                ? ["hour", 3600]
                : away < 2246400
                  ? ["day", 86400]
                  : away < 27648000
                    ? ["month", 2592000]
                    : ["year", 31536000];
    const count = Math.max(1, Math.round(away / length));
    const one = unit === "hour" ? "an hour" : `a ${unit}`;
    const words = unit ? (count === 1 ? one : `${count} ${unit}s`) : "a few seconds";
    return ago < 0 ? `in ${words}` : `${words} ago`;
}

export const dateTime = (moment) => new Date(moment).toLocaleString("sv-SE");

const UNITS = {
    none: fixed,
    string: (value) => String(value),
    short: powers(1000, ["", " K", " Mil", " Bil", " Tri"]),
    locale: (value) => value.toLocaleString("en-US"),
    percent: suffixed("%"),
    percentunit: suffixed("%", 100),
    bytes: powers(1024, [" B", " KiB", " MiB", " GiB", " TiB"]),
    decbytes: powers(1000, [" B", " kB", " MB", " GB", " TB"]),
    s: seconds,
    ms: (value, decimals) => seconds(value / 1000, decimals),
    dtdurations: duration,
    dtdhms: clock,
    reqps: suffixed(" req/s"),
    cps: suffixed(" c/s"),
    ops: suffixed(" ops/s"),
    hertz: suffixed(" Hz"),
    bool_yes_no: (value) => (value ? "Yes" : "No"),
    bool_on_off: (value) => (value ? "On" : "Off"),
    dateTimeFromNow: fromNow,
    dateTimeAsIso: dateTime,
    dateTimeAsLocal: dateTime,
};

/** The text of a number, or throws where the unit is none that is known here. */
export function format(value, unit = "none", decimals = null) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    if (unit.startsWith("suffix:")) return fixed(value, decimals) + unit.slice("suffix:".length);
    const known = UNITS[unit || "none"];
    if (!known) throw new Error(`the preview does not know the unit \`${unit}\``);
    return known(value, decimals);
}
