import { err, ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import { ceilTo, widths } from "./rollup/levels.ts";

/** Why a query was refused; `param` is the query parameter at fault, null when the database itself did not answer. */
export interface BadQuery {
  readonly param: string | null;
  readonly message: string;
}

/** Requests that arrived in [from, until). `to` is what is shown as the end. */
export interface Window {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly to: EpochMs;
}

/** What a query asked for: so many hours up to now, or a span of its own; without a `to`, that ends now too. */
export type Span = { readonly hours: number } | { readonly from: EpochMs; readonly to: EpochMs | null };

/** A leap year: longer than that, nothing is kept. */
const maxHours = 8_784;

/** Reads `hours`, or `from` and `to`; without any of them the last 24 hours. */
export function parseSpan(params: ReadonlyMap<string, string>, now: EpochMs): Result<Span, BadQuery> {
  const hours = params.get("hours");
  const from = params.get("from");
  const to = params.get("to");
  if (hours !== undefined && (from !== undefined || to !== undefined)) {
    return bad("hours", "hours and from/to exclude each other; give one of them");
  }
  if (from === undefined && to !== undefined) {
    return bad("from", "to is given without from; give both, or hours");
  }
  return from === undefined ? parseHours(hours ?? "24") : parseRange(from, to, now);
}

/** The span as it stands, with no regard to buckets. What leads up to now has no end: nothing arrived later. */
export function windowOf(span: Span, now: EpochMs): Window {
  const from = "hours" in span ? Math.floor(now - span.hours * widths.hour) : span.from;
  return "hours" in span || span.to === null
    ? { from, until: ceilTo(now + 1, widths.day), to: Math.floor(now) }
    : { from, until: span.to, to: span.to };
}

/** The parameters of a query by name, empty ones left out; unknown and repeated ones are refused rather than ignored. */
export function readParams(
  query: URLSearchParams,
  known: readonly string[],
): Result<ReadonlyMap<string, string>, BadQuery> {
  const params = new Map<string, string>();
  for (const [name, value] of query) {
    if (!known.includes(name))
      return bad(name, `${name} is not a parameter here; there are ${known.join(", ")}`);
    if (params.has(name)) return bad(name, `${name} is given more than once`);
    if (value !== "") params.set(name, value);
  }
  return ok(params);
}

/** A refusal that names its parameter. */
export const bad = (param: string, message: string): { readonly ok: false; readonly error: BadQuery } =>
  err({ param, message });

/** Epoch milliseconds as RFC 3339 in UTC. */
export const rfc3339 = (ms: EpochMs): string => new Date(ms).toISOString();

function parseHours(text: string): Result<Span, BadQuery> {
  const hours = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return hours > 0 && hours <= maxHours
    ? ok({ hours })
    : bad("hours", `hours must be a number above 0 and at most ${maxHours}, found ${shown(text)}`);
}

function parseRange(fromText: string, toText: string | undefined, now: EpochMs): Result<Span, BadQuery> {
  const from = parseTime(fromText);
  if (from === null)
    return bad("from", `from must be a time such as 2027-01-31T09:30:00Z, found ${shown(fromText)}`);
  const to = toText === undefined ? null : parseTime(toText);
  if (to === null && toText !== undefined)
    return bad("to", `to must be a time such as 2027-01-31T09:30:00Z, found ${shown(toText)}`);
  const end = to ?? Math.floor(now);
  return from < end
    ? ok({ from, to })
    : bad("from", `from must be before to, found ${rfc3339(from)} and ${rfc3339(end)}`);
}

/** RFC 3339 and nothing else; a date that does not exist is none. */
export function parseTime(text: string): EpochMs | null {
  const matched = /^(\d{4}-\d\d-(\d\d))[Tt](\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (matched === null) return null;
  const [, date, day, time, zone = ""] = matched;
  // the engine turns 30 February into 2 March
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return null;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? null : ms;
}

/** A text from a query, in a message. */
export const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
