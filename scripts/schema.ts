import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedText } from "../src/config/schema/published.ts";

/*
 * Writes schemas/routes.schema.json from its TypeBox source; with --check it only says whether that is up to date.
 */
const path = join(import.meta.dir, "..", "schemas", "routes.schema.json");
const wanted = publishedText();

if (process.argv.includes("--check")) {
  const isFresh = read() === wanted;
  console.log(
    isFresh
      ? "schemas/routes.schema.json is up to date"
      : "schemas/routes.schema.json is stale: run bun scripts/schema.ts",
  );
  process.exitCode = isFresh ? 0 : 1;
} else {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wanted);
  console.log("wrote schemas/routes.schema.json");
}

function read(): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
