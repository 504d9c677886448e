// Grafana's named colours and the palette of series, as its dark theme has them.

const HUES = {
    red: ["#FFA6B0", "#FF7383", "#F2495C", "#E02F44", "#C4162A"],
    orange: ["#FFCB7D", "#FFB357", "#FF9830", "#FF780A", "#FA6400"],
    yellow: ["#FFF899", "#FFEE52", "#FADE2A", "#F2CC0C", "#E0B400"],
    green: ["#C8F2C2", "#96D98D", "#73BF69", "#56A64B", "#37872D"],
    blue: ["#C0D8FF", "#8AB8FF", "#5794F2", "#3274D9", "#1F60C4"],
    purple: ["#DEB6F2", "#CA95E5", "#B877D9", "#A352CC", "#8F3BB8"],
};
const SHADES = ["super-light-", "light-", "", "semi-dark-", "dark-"];
const NAMED = new Map([
    ["text", "#ccccdc"],
    ["transparent", "transparent"],
]);
for (const [hue, shades] of Object.entries(HUES)) {
    shades.forEach((code, at) => NAMED.set(SHADES[at] + hue, code));
}
const PALETTE = [
    "green",
    "semi-dark-yellow",
    "light-blue",
    "semi-dark-orange",
    "red",
    "blue",
    "purple",
    "#705DA0",
    "dark-green",
    "yellow",
    "#447EBC",
    "#C15C17",
    "#890F02",
    "#0A437C",
    "#6D1F62",
    "#584477",
];

/** A colour for the browser: a name of Grafana's, or any that CSS knows. */
export const colour = (name) => NAMED.get(name) ?? name;

/** The colour of the series at this place. */
export const palette = (place) => colour(PALETTE[place % PALETTE.length]);

/** Black or white, whichever reads better on this background. */
export function readableOn(background) {
    const code = /^#(..)(..)(..)/.exec(background);
    if (!code) return "#ccccdc";
    const [red, green, blue] = code.slice(1).map((part) => parseInt(part, 16));
    return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#111217" : "#ffffff";
}
