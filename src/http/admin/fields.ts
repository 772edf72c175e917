import { didYouMean, suggest } from "../../config/suggest.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { type DurationMs, parseDuration } from "../../core/units.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import { readJson } from "../../gateway/request/body.ts";
import { type Check, fine, wrong } from "../../openai/shape.ts";

/** The fields of a body, checked. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a body of the fields that `checks` names, and of no others: a name that is written wrong would else be ignored.
 * No body at all is one without fields.
 */
export async function readFields(
  request: Request,
  checks: Readonly<Record<string, Check>>,
  maxBytes: number,
): Promise<Result<Fields, Refusal>> {
  const isEmpty = request.body === null || request.headers.get("content-length") === "0";
  if (isEmpty) return checkFields({}, checks);
  const read = await readJson(request, maxBytes);
  return read.ok ? checkFields(read.value.value, checks) : read;
}

/** The same for a body that was read already. */
export function checkFields(
  fields: Fields,
  checks: Readonly<Record<string, Check>>,
): Result<Fields, Refusal> {
  for (const name of Object.keys(fields)) {
    if (Object.hasOwn(checks, name)) continue;
    const meant = didYouMean(suggest(name, Object.keys(checks)));
    return err(invalid(`There is no field ${JSON.stringify(name.slice(0, 100))}.${meant}`, name));
  }
  for (const [name, rule] of Object.entries(checks)) {
    const checked = rule(fields[name], name);
    if (!checked.ok) return err(invalid(checked.error.message, checked.error.param ?? name));
  }
  return ok(fields);
}

/** A wrong field, by its name. */
export const invalid = (message: string, param: string): Refusal =>
  refuse("invalid_request", message, { param });

/** A length of time of at least a second, such as `2h`. */
export const duration: Check = (value, param) => {
  const read = typeof value === "string" ? parseDuration(value) : null;
  return read?.ok === true && read.value >= 1_000 && read.value <= longest
    ? fine
    : wrong(param, "a time from 1s to 1y, such as 2h", value);
};
const longest: DurationMs = 365 * 86_400_000;

/** What {@link duration} has checked, in ms; null where it is absent. */
export function durationIn(fields: Fields, name: string): DurationMs | null {
  const value = fields[name];
  const read = typeof value === "string" ? parseDuration(value) : null;
  return read?.ok === true ? read.value : null;
}

/** A text that was checked; empty where it is absent. */
export const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

/** A number that was checked; null where it is absent. */
export const numberIn = (fields: Fields, name: string): number | null => {
  const value = fields[name];
  return typeof value === "number" ? value : null;
};

/** A whole number in the query; `fallback` where it is absent, null where it is none of the range. */
export function countIn(url: string, name: string, fallback: number, most: number): number | null {
  const found = new URL(url).searchParams.getAll(name);
  if (found.length === 0) return fallback;
  const [text = ""] = found;
  const count = found.length === 1 && /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= most ? count : null;
}
