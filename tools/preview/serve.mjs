// Serves the preview of the dashboards on this machine: `node tools/preview/serve.mjs`, beside a running exporter.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPrometheus } from "./prometheus.mjs";

const HELP = `usage: node tools/preview/serve.mjs [--exporter HOST:PORT] [--prometheus URL] [--listen HOST:PORT]

  --exporter HOST:PORT    the exporter to scrape (127.0.0.1:10191)
  --prometheus URL        a running Prometheus that scrapes one already; none is started then
  --listen HOST:PORT      where to serve, on this machine only (127.0.0.1:10192; port 0 takes a free one)
`;
const HERE = fileURLToPath(new URL(".", import.meta.url));
const BOARDS = join(HERE, "../../dashboards");
const LIBRARIES = {
    "/echarts.mjs": join(HERE, "node_modules/echarts/dist/echarts.esm.min.mjs"),
    "/inter.woff2": join(HERE, "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"),
};
const TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
};

function fail(message) {
    console.error(message);
    process.exit(1);
}

function options() {
    try {
        const named = (value) => ({ type: "string", default: value });
        return parseArgs({
            options: {
                exporter: named("127.0.0.1:10191"),
                listen: named("127.0.0.1:10192"),
                prometheus: { type: "string" },
                help: { type: "boolean", short: "h" },
            },
        }).values;
    } catch (error) {
        console.error(`${error.message}\n\n${HELP}`);
        process.exit(2);
    }
}

async function check({ exporter, prometheus, listen }) {
    const missing = Object.values(LIBRARIES).find((file) => !existsSync(file));
    if (missing) fail(`a library is missing: run \`npm ci --prefix tools/preview\` first: ${missing}`);
    if (!/^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(listen)) {
        fail(`the preview serves this machine only; --listen takes 127.0.0.1:PORT: ${listen}`);
    }
    const [url, next] = prometheus
        ? [`${prometheus}/-/ready`, "start it, or leave --prometheus away"]
        : [
              `http://${exporter}/metrics`,
              "start the demo with `cargo run --release -- demo`, or name another exporter with --exporter",
          ];
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) fail(`nothing answers there; ${next}: ${url}`);
}

/** The boards anew for each page, so that an edit shows with the next reload. */
function boards() {
    const files = readdirSync(BOARDS).filter((file) => file.endsWith(".json"));
    return `[${files.map((file) => readFileSync(join(BOARDS, file), "utf8"))}]`;
}

function answer(question, reply, prometheus) {
    const { pathname, search } = new URL(question.url, "http://preview");
    const send = (status, type, body) =>
        reply.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    if (question.method !== "GET") return send(405, "text/plain", "only GET\n");
    if (pathname.startsWith("/api/v1/")) return pass(`${prometheus}${pathname}${search}`, send);
    if (pathname === "/boards") return send(200, "application/json", boards());
    if (pathname === "/" || pathname.startsWith("/d/")) return file(join(HERE, "page/index.html"), send);
    if (pathname in LIBRARIES) return file(LIBRARIES[pathname], send);
    // `URL` has resolved every `..` before this.
    if (pathname.startsWith("/page/") && !pathname.includes("%")) return file(join(HERE, pathname), send);
    return send(404, "text/plain", "not found\n");
}

function file(path, send) {
    const type = TYPES[extname(path)];
    if (!type || !existsSync(path)) return send(404, "text/plain", "not found\n");
    return send(200, type, readFileSync(path));
}

function pass(url, send) {
    const error = (message) => send(502, "application/json", JSON.stringify({ status: "error", error: message }));
    const passed = request(url, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => send(answer.statusCode, "application/json", Buffer.concat(parts)));
    });
    passed.on("error", ({ message }) => error(`Prometheus does not answer: ${message}`)).end();
}

const asked = options();
if (asked.help) {
    console.log(HELP);
    process.exit(0);
}
await check(asked);
const started = asked.prometheus ? null : await startPrometheus(asked.exporter, fail);
const prometheus = started?.url ?? asked.prometheus.replace(/\/$/, "");
const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(asked.listen);
const server = createServer((question, reply) => answer(question, reply, prometheus));
const stop = async () => {
    await started?.stop();
    process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
server.on("error", async (error) => {
    await started?.stop();
    fail(`cannot listen there; choose another address with --listen: ${asked.listen}: ${error.message}`);
});
server.listen(Number(port), host, () => {
    const { port } = server.address();
    console.log(`serving http://${host}:${port}/d/clusterlink-overview, asking ${prometheus}; stop with Ctrl-C`);
});
