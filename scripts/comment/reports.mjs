import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A report that is longer is not read. */
const mostBytes = 4 * 1024 * 1024;

/**
 * The reports of a check, out of an artifact that anyone may have made: each is null where it is not there, is no plain file, is too
 * large, or is no JSON object. What stands in them is as little to be trusted.
 */
export const readReports = (folder) => ({
  check: readReport(join(folder, "check.json")),
  plan: readReport(join(folder, "plan.json")),
  replay: readReport(join(folder, "replay.json")),
});

function readReport(path) {
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.size > mostBytes) return null;
    const report = JSON.parse(readFileSync(path, "utf8"));
    return typeof report === "object" && report !== null && !Array.isArray(report) ? report : null;
  } catch {
    return null;
  }
}
