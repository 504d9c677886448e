// Writes the JSON schema of a file of types beside it to the file that is named: `node generate.mjs board.ts FILE`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const [types, target] = process.argv.slice(2);
if (!target) {
    console.error("usage: node generate.mjs TYPES FILE");
    process.exit(2);
}
// The generator's own errors carry whole syntax trees.
process.on("uncaughtException", ({ message }) => {
    console.error(message);
    process.exit(1);
});
const schema = createGenerator({
    path: fileURLToPath(new URL(types, import.meta.url)),
    type: "*",
    expose: "export",
    // Doc comments would treble the file, and nobody reads them there.
    jsDoc: "none",
    // The published declarations import each other in ways that no longer compile; the types themselves resolve.
    skipTypeCheck: true,
}).createSchema("*");
writeFileSync(target, JSON.stringify(schema, null, 1));
