// Debian's Prometheus on a free port of this machine, with its data in a folder that goes when it ends.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RULES = fileURLToPath(new URL("../../alerts/cluster-link.rules.yaml", import.meta.url));
/** The variable names another one than that on PATH. */
const PROGRAM = process.env.PROMETHEUS || "prometheus";
/** Generous: a loaded machine starts slowly. */
const STARTS_WITHIN = 30_000;

/** Starts one that scrapes the exporter; `ended` is called with a reason when it stops by itself. */
export async function startPrometheus(exporter, ended) {
    const folder = mkdtempSync(join(tmpdir(), "dashboards-preview-"));
    const config = join(folder, "prometheus.yml");
    writeFileSync(
        config,
        JSON.stringify({
            // Short, so that a visitor of the demo sees things happen.
            global: { scrape_interval: "2s", evaluation_interval: "2s" },
            rule_files: [RULES],
            scrape_configs: [{ job_name: "cluster-link-exporter", static_configs: [{ targets: [exporter] }] }],
        }),
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
        PROGRAM,
        [
            `--config.file=${config}`,
            `--storage.tsdb.path=${join(folder, "data")}`,
            `--web.listen-address=${address}`,
            "--log.level=error",
        ],
        { stdio: ["ignore", "ignore", "inherit"] },
    );
    let stopping = false;
    const exited = new Promise((resolve) => {
        const end = (why) => {
            rmSync(folder, { recursive: true, force: true });
            if (!stopping) ended(why);
            resolve();
        };
        child.on("error", (error) =>
            end(
                error.code === "ENOENT"
                    ? `there is no \`${PROGRAM}\`; install the Debian package prometheus, name the program in the variable PROMETHEUS, or a running server with --prometheus URL`
                    : `\`${PROGRAM}\` does not start: ${error.message}`,
            ),
        );
        child.on("exit", (status, signal) => end(`prometheus has ended: ${signal ?? `status ${status}`}`));
    });
    await ready(`http://${address}/-/ready`, exited);
    const stop = () => {
        stopping = true;
        child.kill("SIGTERM");
        return exited;
    };
    return { url: `http://${address}`, stop };
}

async function ready(url, exited) {
    const deadline = Date.now() + STARTS_WITHIN;
    let gone = false;
    exited.then(() => (gone = true));
    while (!gone && Date.now() < deadline) {
        const answer = await fetch(url).catch(() => null);
        if (answer?.ok) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** A port that was free a moment ago: Prometheus cannot be asked which one it chose. */
function freePort() {
    return new Promise((resolve, reject) => {
        const server = createServer().on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}
