// Looks at each board in a browser and prints what is there as JSON: `node look.mjs URL`, the URL of a preview that runs.
// `--pictures FOLDER` keeps the first screen of each board, `--whole` all of it. It judges nothing: `tests/it/dashboard/preview.rs`
// does.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const VIEWPORT = { width: 1920, height: 1080 };
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];
/** The exit status by which `tests/it/dashboard/preview.rs` knows. */
const NO_BROWSER = 3;
/** What a board's picture shows: the board of a link is reached from a row that names one. */
const PICTURED = { "clusterlink-link": "?var-cluster_name=recovery&var-link_name=orders-dr" };
/** Generous: a loaded machine draws slowly. */
const PATIENCE = 60_000;
// Nothing is asked of anyone but the preview; and root has no sandbox.
const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

function browser() {
    const folders = process.env.PATH.split(delimiter);
    const found = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
    if (found) return found;
    console.error(`none of these is on PATH; install Debian's package chromium: ${BROWSERS.join(", ")}`);
    process.exit(NO_BROWSER);
}

/** Run in the page: every panel with what is drawn in it, and each cell of its tables with whether one sees all of it. */
function panels() {
    const seen = (cell) => {
        const { left, top, right, bottom } = cell.getBoundingClientRect();
        const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
        const cut = cell.scrollWidth > cell.clientWidth;
        // What has scrolled out of its panel is covered by something else there.
        return inside && !cut && cell.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    };
    const cellsOf = (row) => [...row.cells].map((cell) => ({ text: cell.textContent, seen: seen(cell) }));
    return [...document.querySelectorAll(".panel")].map((panel) => {
        const { id, title, type, state, count, notes, queries } = panel.dataset;
        const rows = [...panel.querySelectorAll(".cells tr")].map(cellsOf);
        const text = panel.querySelector(".body").innerText.trim();
        return {
            id: Number(id),
            title,
            type,
            state,
            count: Number(count),
            notes: notes.trim(),
            queries: queries.split(" ").filter(Boolean),
            text,
            rows,
        };
    });
}

async function open(page, address) {
    // A page that draws itself anew meanwhile would be seen half drawn.
    await page.goto(`${address}${address.includes("?") ? "&" : "?"}refresh=off`, { timeout: PATIENCE });
    const drawn = () => document.body.dataset.drawn || document.querySelector("body > .message");
    await page.waitForFunction(drawn, null, { timeout: PATIENCE });
}

async function look(page, address) {
    const errors = [];
    const onMessage = (message) => message.type() === "error" && errors.push(message.text());
    const onError = (error) => errors.push(error.message);
    page.on("console", onMessage).on("pageerror", onError);
    await open(page, address);
    const found = await page.evaluate(panels);
    const message = await page.evaluate(() => document.querySelector("body > .message")?.innerText ?? null);
    page.off("console", onMessage).off("pageerror", onError);
    return { errors, message, panels: found };
}

const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { pictures: { type: "string" }, whole: { type: "boolean", default: false } },
});
const [address] = positionals;
if (!address) {
    console.error("usage: node look.mjs URL [--pictures FOLDER [--whole]]");
    process.exit(2);
}
const url = new URL(address).origin;
const boards = await (await fetch(`${url}/boards`)).json();
const launched = await chromium.launch({ executablePath: browser(), args: FLAGS });
const page = await launched.newPage({ viewport: VIEWPORT });
const looked = [];
for (const { uid } of boards) {
    const address = `${url}/d/${uid}`;
    looked.push({ uid, ...(await look(page, address)) });
    if (!values.pictures) continue;
    if (!values.whole) await open(page, address + (PICTURED[uid] ?? ""));
    await page.screenshot({ path: join(values.pictures, `${uid}.png`), fullPage: values.whole, timeout: PATIENCE });
}
await launched.close();
console.log(JSON.stringify(looked, null, 1));
