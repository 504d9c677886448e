// One big text for each value.
import { readableOn } from "../colour.mjs";
import { element } from "../element.mjs";
import { display, linksOf } from "../field.mjs";
import { calculate, nameOf } from "../frame.mjs";
import { regex } from "../regex.mjs";

/** The values that a panel of single values reduces its frames to; one without a field where there is none. */
function reduced(panel, frames, variables) {
    const {
        calcs = ["lastNotNull"],
        values = false,
        fields: wanted = "",
        limit = Infinity,
    } = panel.options.reduceOptions ?? {};
    const isWanted = wantedField(wanted);
    const found = frames.flatMap((frame) =>
        frame.fields.filter(isWanted).flatMap((field) => {
            const one = (value, row) => ({
                field,
                value,
                shown: display(field, value),
                name: nameOf(field),
                links: linksOf(field, frame, row, variables),
            });
            if (values) return field.values.map(one);
            return field.values.length === 0
                ? []
                : calcs.map((name) => one(calculate(name, field.values), field.values.length - 1));
        }),
    );
    return found.slice(0, limit);
}

function wantedField(wanted) {
    if (wanted === "") return ({ type }) => type === "number";
    return wanted.startsWith("/") ? (field) => regex(wanted).test(nameOf(field)) : (field) => nameOf(field) === wanted;
}

/** What stands where there is no value: the mapping of null, else `noValue`, in the colour that the board gives it. */
function nothing(panel) {
    const field = {
        name: "",
        type: "number",
        config: { custom: {}, ...panel.fieldConfig?.defaults },
        values: [],
        place: 0,
    };
    const shown = display(field, null);
    return { ...shown, text: shown.text || "No data" };
}

export function draw(body, { panel, frames, variables, note }) {
    const found = reduced(panel, frames, variables);
    const tiles = found.length > 0 ? found : [{ shown: nothing(panel), links: [], name: "" }];
    const across = panel.options.orientation !== "horizontal" && body.clientWidth >= body.clientHeight;
    body.append(element("div", { className: `tiles ${across ? "across" : "down"}` }));
    const { colorMode = "value", graphMode = "none", textMode = "auto" } = panel.options;
    if (graphMode !== "none") note(`the preview draws no \`${graphMode}\` behind a value`);
    for (const tile of tiles) {
        const box = tileOf(tile, {
            colorMode,
            named: textMode === "value_and_name" || (textMode === "auto" && tiles.length > 1),
            textMode,
        });
        body.firstChild.append(box);
    }
    fit(body);
    return found.filter(({ value }) => value != null).length;
}

function tileOf({ shown, links, name }, { colorMode, named, textMode }) {
    const filled = colorMode.startsWith("background");
    const color = filled ? readableOn(shown.colour) : colorMode === "none" ? "#ccccdc" : shown.colour;
    const text = { value: shown.text, name, none: "" }[textMode] ?? shown.text;
    const tag = links.length > 0 ? "a" : "div";
    const target = links.length > 0 ? { href: links[0].url, title: links[0].title } : {};
    return element(
        tag,
        { className: "tile", style: { color, background: filled ? shown.colour : "transparent" }, ...target },
        named ? element("div", { className: "name", textContent: name }) : null,
        element("div", { className: "value", textContent: text }),
    );
}

const LARGEST = 64;
const SMALLEST = 10;

/** As large as the longest text allows, and the same in each tile. */
function fit(body) {
    const share = (box) => (box.previousSibling ? 0.4 : 0.55);
    for (const part of [".name", ".value"]) {
        const boxes = [...body.querySelectorAll(part)];
        const sizes = boxes.map((box) => {
            const { clientWidth, clientHeight } = box.parentElement;
            const wide = ((clientWidth - 12) / widthOf(box)) * LARGEST;
            return Math.min(wide, clientHeight * (part === ".name" ? 0.16 : share(box)), LARGEST);
        });
        boxes.forEach((box) => box.style.setProperty("font-size", `${Math.max(SMALLEST, Math.min(...sizes))}px`));
    }
}

const pen = document.createElement("canvas").getContext("2d");

/** In pixels, at the largest size. */
function widthOf(box) {
    const { fontWeight, fontFamily } = getComputedStyle(box);
    pen.font = `${fontWeight} ${LARGEST}px ${fontFamily}`;
    return Math.max(1, pen.measureText(box.textContent).width);
}
