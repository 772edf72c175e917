import { createReadStream, existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { DurationMs } from "../core/units.ts";

/** How often a followed file is looked at. */
const lookMs: DurationMs = 250;

/** The lines of a log file, oldest first; a compressed one is read as it was. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const input = file.endsWith(".gz") ? bytes.pipe(createGunzip()) : bytes;
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

/** The lines that are written to a log file from now on, over its rotations; never ends by itself. */
export async function* followLines(file: string): AsyncGenerator<string> {
  let at = existsSync(file) ? statSync(file).size : 0;
  let inode = inodeOf(file);
  let begun = "";
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const size = existsSync(file) ? statSync(file).size : 0;
    // Rotated: what is under the name now is new from its beginning.
    if (inodeOf(file) !== inode || size < at) at = 0;
    inode = inodeOf(file);
    if (size <= at) continue;
    for await (const piece of createReadStream(file, { start: at, end: size - 1, encoding: "utf8" }))
      begun += piece;
    at = size;
    const lines = begun.split("\n");
    begun = lines.pop() ?? "";
    yield* lines;
  }
}

const inodeOf = (file: string): bigint | null =>
  statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
