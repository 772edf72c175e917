import { parseCount } from "../../core/units.ts";
import { type LimitName, limitNames } from "../../domain/limits.ts";
import type { Entry, Tree } from "../tree.ts";
import type { Json, JsonObject } from "./draft.ts";
import type { Notes } from "./finding.ts";
import { countOf, pick } from "./values.ts";

/** How other gateways spell our limits. */
const spellings: Readonly<Record<LimitName, readonly string[]>> = {
  rpm: ["rpm", "rpm_limit", "max_rpm", "requests_per_minute", "max_requests_per_minute", "rate_limit_rpm"],
  tpm: ["tpm", "tpm_limit", "max_tpm", "tokens_per_minute", "max_tokens_per_minute", "rate_limit_tpm"],
  rpd: ["rpd", "rpd_limit", "max_rpd", "requests_per_day", "max_requests_per_day"],
  tpr: ["tpr", "tpr_limit", "max_tpr", "tokens_per_request", "max_tokens_per_request"],
  concurrency: [
    "concurrency",
    "max_parallel_requests",
    "parallel_requests",
    "max_concurrency",
    "max_concurrent_requests",
    "concurrent_requests",
  ],
};
const containers = ["limits", "limit", "rate_limits", "rate_limit", "quotas", "quota"];

/** The limits that a mapping sets, directly or in a block of their own; `where` says whose they become. */
export function readLimits(holder: Tree, where: string, notes: Notes): JsonObject {
  const nested = pick(holder, containers)?.value;
  const find = (limit: LimitName) => pick(holder, spellings[limit]) ?? pick(nested, spellings[limit]);
  const limits: { [limit: string]: number | string } = {};
  for (const limit of limitNames) {
    const entry = find(limit);
    const count = entry === null ? null : readCount(entry, `${where}.limits.${limit}`, notes);
    if (count !== null) limits[limit] = count;
  }
  const possible = atMostMinute(limits);
  const tpr = find("tpr");
  if (possible !== limits && tpr !== null)
    notes.approximated(tpr, `${where}.limits.tpr, lowered to the tpm: a larger request could never be sent`);
  return possible;
}

/** Lowers a `tpr` to the `tpm` beside it; the same mapping where that is not needed. */
export function atMostMinute(limits: JsonObject): JsonObject {
  const { tpr, tpm } = limits;
  return tpr !== undefined && tpm !== undefined && figureOf(tpr) > figureOf(tpm)
    ? { ...limits, tpr: tpm }
    : limits;
}

/** The number behind a count with k or M. */
export function figureOf(count: Json | undefined): number {
  const parsed = typeof count === "number" || typeof count === "string" ? parseCount(count) : null;
  return parsed?.ok === true ? parsed.value : 0;
}

function readCount(entry: Entry, where: string, notes: Notes): number | string | null {
  const count = countOf(entry.value);
  if (count === null) {
    notes.unsupported(entry, "a limit is a whole number, or one with k or M");
    return null;
  }
  if (count === "unlimited") {
    notes.exact(entry, "no limit");
    return null;
  }
  notes.exact(entry, where);
  return count;
}
