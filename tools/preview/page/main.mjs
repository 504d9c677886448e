// The page of one board: reads its JSON, its variables and its range, and draws every panel, again and again.
import { element } from "./element.mjs";
import { header } from "./header.mjs";
import { grid } from "./panel.mjs";
import { annotationSpans, readRange, seconds } from "./query.mjs";
import { readVariables } from "./variables.mjs";

/** A visitor of the demo sees things happen, however seldom the board asks. */
const SLOWEST_REFRESH = 10;
const HOME = "clusterlink-overview";

// Charts and tiles measure their texts.
await document.fonts.load("14px Inter");
const boards = await (await fetch("/boards")).json();
const uid = location.pathname.split("/")[2] ?? HOME;
const board = boards.find((board) => board.uid === uid);

if (!board) {
    const links = boards.map(({ uid, title }) =>
        element("li", {}, element("a", { href: `/d/${uid}`, textContent: title })),
    );
    document.body.append(
        element("div", { className: "message" }, `no board has the uid ${uid}`, element("ul", {}, ...links)),
    );
} else {
    document.title = `${board.title} (preview)`;
    await keepDrawing();
}

/** `refresh=off` in the address draws once. */
async function keepDrawing() {
    await draw();
    if (new URLSearchParams(location.search).get("refresh") === "off") return;
    const pause = Math.min(seconds(board.refresh) || SLOWEST_REFRESH, SLOWEST_REFRESH);
    setTimeout(keepDrawing, pause * 1000);
}

async function draw() {
    try {
        const range = await readRange(board.time ?? { from: "now-6h", to: "now" });
        const address = new URLSearchParams(location.search);
        const variables = await readVariables(board, address, { range });
        const annotations = await readAnnotations(variables, range);
        const page = grid(board, { variables, range, annotations });
        // Panels need their room before they are drawn; until then the ones before stay.
        page.element.classList.add("drawing");
        document.body.append(page.element);
        await page.draw();
        page.element.classList.remove("drawing");
        document.body.replaceChildren(header({ board, boards, variables, range }), page.element);
        document.body.dataset.drawn = String(Number(document.body.dataset.drawn ?? 0) + 1);
    } catch (error) {
        document.body.replaceChildren(element("div", { className: "message error", textContent: error.message }));
        console.error(error);
    }
}

async function readAnnotations(variables, range) {
    const step = Math.max(2, Math.ceil((range.to - range.from) / 500));
    const own = (board.annotations?.list ?? []).filter(({ enable, builtIn }) => enable && !builtIn);
    const asked = own.map(async (annotation) => {
        const spans = await annotationSpans(annotation, { variables, range, step });
        const { name, iconColor, titleFormat = "" } = annotation;
        const filled = (labels) => titleFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? "");
        return spans.map((span) => ({ ...span, name, iconColor, text: filled(span.labels) }));
    });
    return (await Promise.all(asked)).flat();
}
