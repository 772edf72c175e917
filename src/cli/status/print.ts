import type { DurationMs, EpochMs } from "../../core/units.ts";
import { type Paint, printable } from "../shell.ts";
import { cut } from "../table.ts";
import { at, listAt, numberAt, textAt } from "./told.ts";

/** What `/admin/api/status` told, for people: one line for each thing, quiet where there is nothing to say. */
export function printStatus(status: unknown, now: EpochMs, paint: Paint): string {
  const lines: readonly (readonly [name: string, says: string])[] = [
    ["active", activeWords(status, now)],
    ["attempted", attemptedWords(status, now, paint)],
    ...diagnosticsOf(status).map((says) => ["", says] as const),
    ["canary", canaryWords(status, now)],
    ["drift", driftWords(status, now)],
    ["quarantined", quarantinedWords(status)],
    ["pinned", pinnedWords(status)],
    ["sync", syncWords(status, now, paint)],
    ["boot", bootWords(status, paint)],
  ];
  return lines.map(([name, says]) => `${paint("dim", name.padEnd(11))}  ${says}`.trimEnd()).join("\n");
}

const none = "none";

function activeWords(status: unknown, now: EpochMs): string {
  if (at(status, "active") == null) return none;
  return `${generationIn(status, "active")}  ${sinceIn(now, status, "active", "since")}`;
}

function attemptedWords(status: unknown, now: EpochMs, paint: Paint): string {
  if (at(status, "attempted") == null) return "nothing yet: the source was not heard since the start";
  const [state, stage] = [textAt(status, "attempted", "state"), textAt(status, "attempted", "stage")];
  const isBad = state === "rejected" || state === "quarantined";
  const told = isBad ? paint("red", state.toUpperCase()) : state;
  const reason = textAt(status, "attempted", "reason");
  const where = isBad ? ` at ${stage}` : "";
  const why = reason === "" ? "" : `: ${cut(reason, 200)}`;
  return `${generationIn(status, "attempted")}  ${told}${where} ${agoIn(now, status, "attempted", "at")}${why}`;
}

/** The first few of what was found wrong. */
function diagnosticsOf(status: unknown): readonly string[] {
  const errors = listAt(status, "attempted", "diagnostics").filter((one) => at(one, "severity") === "error");
  const shown = errors.slice(0, 5).map((one) => {
    const place = [textAt(one, "file"), textAt(one, "line"), textAt(one, "column")].join(":");
    return printable(`${place} ${textAt(one, "code")}: ${cut(textAt(one, "message"), 200)}`);
  });
  return errors.length > shown.length ? [...shown, `and ${errors.length - shown.length} more`] : shown;
}

function canaryWords(status: unknown, now: EpochMs): string {
  if (at(status, "canary") == null) return none;
  const share = percent(numberAt(status, "canary", "share"));
  const arm = (name: string) => {
    const told = (figure: string) => numberAt(status, "canary", "arms", name, figure);
    const rate = told("error_rate");
    const failed = rate === null ? "" : `, ${percent(rate)} errors`;
    return `${name} ${told("requests") ?? 0} requests${failed}`;
  };
  const since = sinceIn(now, status, "canary", "since");
  return `${generationIn(status, "canary")}  ${share} of the clients ${since}; ${arm("canary")}, ${arm("stable")}`;
}

function driftWords(status: unknown, now: EpochMs): string {
  const all = listAt(status, "drift").map((each) => {
    const until = Date.parse(textAt(each, "until"));
    const left = Number.isNaN(until) ? "" : ` for ${span(until - now)} more`;
    return `${textAt(each, "kind")} ${textAt(each, "what")}${left} (${cut(textAt(each, "reason"), 200)})`;
  });
  return all.length === 0 ? none : printable(all.join("; "));
}

function quarantinedWords(status: unknown): string {
  const all = listAt(status, "quarantined").map(
    (each) => `${textAt(each, "digest").slice(0, 8)} (${cut(textAt(each, "reason"), 200)})`,
  );
  return all.length === 0 ? none : printable(all.join("; "));
}

function pinnedWords(status: unknown): string {
  if (at(status, "pinned") == null) return none;
  const [who, reason] = [textAt(status, "pinned", "who"), textAt(status, "pinned", "reason")];
  return printable(`generation ${textAt(status, "pinned", "generation")}, by ${who} (${cut(reason, 200)})`);
}

function syncWords(status: unknown, now: EpochMs, paint: Paint): string {
  const state = textAt(status, "sync", "state");
  const told = state === "failing" || state === "refused" ? paint("red", state.toUpperCase()) : state;
  const last = textAt(status, "sync", "last_success");
  const reached = last === "" ? "" : `, last ${agoIn(now, status, "sync", "last_success")}`;
  const reason = textAt(status, "sync", "reason");
  return `${told}${reached}${reason === "" ? "" : `: ${cut(reason, 300)}`}`;
}

function bootWords(status: unknown, paint: Paint): string {
  const source = textAt(status, "boot", "source").replaceAll("_", " ");
  const degraded = textAt(status, "boot", "degraded");
  return degraded === "" ? `from the ${source}` : `${paint("red", "DEGRADED")}: ${cut(degraded, 300)}`;
}

/** `3  9f2c41d0  git 7be2d10a` */
function generationIn(status: unknown, name: string): string {
  const [digest, sha] = [textAt(status, name, "digest"), textAt(status, name, "git_sha")];
  const from = sha === "" ? "" : `git ${sha.slice(0, 8)}`;
  const parts = [textAt(status, name, "generation"), digest.slice(0, 8), from];
  return printable(parts.filter((part) => part !== "").join("  "));
}

const sinceIn = (now: EpochMs, status: unknown, ...path: readonly string[]): string => {
  const since = Date.parse(textAt(status, ...path));
  return Number.isNaN(since) ? "" : `for ${span(now - since)}`;
};

const agoIn = (now: EpochMs, status: unknown, ...path: readonly string[]): string => {
  const when = Date.parse(textAt(status, ...path));
  return Number.isNaN(when) ? "" : `${span(now - when)} ago`;
};

const percent = (share: number | null): string =>
  share === null ? "" : `${Number((share * 100).toPrecision(3))} %`;

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** A length of time in its two largest units: `2h 11m`. */
export function span(ms: DurationMs): string {
  let left = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * size;
  }
  return parts.length === 0 ? "0s" : parts.slice(0, 2).join(" ");
}
