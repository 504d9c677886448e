// What an editor with yaml-language-server shows of a YAML file: what is wrong in it, and at a place (line and column,
// from 0) what could be written and what stands there.
//
//     node schema/editor.mjs FILE LINE COLUMN

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { StreamMessageReader, StreamMessageWriter, createMessageConnection } from "vscode-jsonrpc/node.js";

const [file, line, column] = process.argv.slice(2);
const uri = pathToFileURL(file).href;
const position = { line: Number(line), character: Number(column) };
const place = { textDocument: { uri }, position };

const manifest = createRequire(import.meta.url).resolve("yaml-language-server/package.json");
const program = join(dirname(manifest), "bin/yaml-language-server");
const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
);

// The schema is named by the file itself: nothing is asked of a store.
const settings = { yaml: { schemaStore: { enable: false }, validate: true, completion: true, hover: true } };
connection.onRequest("workspace/configuration", ({ items }) => items.map(({ section }) => settings[section] ?? {}));
connection.onRequest("client/registerCapability", () => null);
const diagnostics = new Promise((resolve) => {
    connection.onNotification("textDocument/publishDiagnostics", (published) => {
        if (published.uri === uri) resolve(published.diagnostics);
    });
});
connection.listen();

const completion = { completionItem: { snippetSupport: false } };
await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { configuration: true }, textDocument: { completion, hover: {} } },
});
await connection.sendNotification("initialized", {});
const text = await readFile(file, "utf8");
await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "yaml", version: 1, text },
});
const found = (await diagnostics).sort((one, other) => one.range.start.line - other.range.start.line);
const wrong = found.map(({ range, message }) => `${range.start.line + 1}: ${message}`);
const offered = await connection.sendRequest("textDocument/completion", place);
const hover = await connection.sendRequest("textDocument/hover", place);
const labels = (offered?.items ?? offered ?? []).map(({ label }) => label);
console.log(JSON.stringify({ wrong, offered: labels, explained: hover?.contents?.value ?? "" }));
connection.dispose();
server.kill();
