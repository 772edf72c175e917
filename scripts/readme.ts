import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runSessions } from "./readme/run.ts";
import { renewed, sessionsIn } from "./readme/sessions.ts";

/*
 * Runs the terminal sessions of README.md, which are its ```console blocks, and writes what they print now into it. A test
 * does the same and fails where that is not what it shows.
 */
const path = join(import.meta.dir, "../README.md");
const guide = readFileSync(path, "utf8");
const now = renewed(guide, await runSessions(sessionsIn(guide)));
if (now !== guide) writeFileSync(path, now);
console.log(now === guide ? "README.md shows what its sessions print" : "README.md was renewed");
