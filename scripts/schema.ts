import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedFiles } from "../src/config/schema/published.ts";

/*
 * Writes the JSON Schemas in schemas/ from their TypeBox source; with --check it only says whether they are up to date.
 */
const folder = join(import.meta.dir, "..", "schemas");

if (process.argv.includes("--check")) {
  for (const [name, wanted] of Object.entries(publishedFiles)) {
    const isFresh = read(name) === wanted();
    console.log(
      isFresh ? `schemas/${name} is up to date` : `schemas/${name} is stale: run bun scripts/schema.ts`,
    );
    if (!isFresh) process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, wanted] of Object.entries(publishedFiles)) {
    writeFileSync(join(folder, name), wanted());
    console.log(`wrote schemas/${name}`);
  }
}

function read(name: string): string | null {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return null;
  }
}
