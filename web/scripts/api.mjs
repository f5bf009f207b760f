// Generates src/api/schema.ts from the committed OpenAPI document; with --check it says when the file is stale.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const target = new URL("../src/api/schema.ts", import.meta.url);
const document = new URL("../src/api/openapi.json", import.meta.url);
const text = "// Generated from openapi.json by `npm run api`; do not edit.\n" + astToString(await openapiTS(document));

if (process.argv.includes("--check")) {
  const current = await readFile(target, "utf8").catch(() => "");
  if (current !== text) {
    console.error("src/api/schema.ts is stale: run `npm run api`");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
