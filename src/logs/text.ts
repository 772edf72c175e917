import type { DurationMs, EpochMs } from "../core/units.ts";

/** Characters of one text value; longer ones, such as images in data URLs, are cut. */
export const maxText = 64 * 1024;

/** A text as JSON, cut when it is too long. */
export const quoted = (text: string | null): string => (text === null ? "null" : JSON.stringify(cut(text)));

/** The same for a text from a small set, such as the name of a model: written once and then remembered. */
export function named(text: string | null): string {
  if (text === null) return "null";
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const json = quoted(text);
  // a reload brings new names; old ones are not worth keeping apart
  if (remembered.size >= 1_000) remembered.clear();
  remembered.set(text, json);
  return json;
}

/** A text that fits in a line. */
export const cut = (text: string): string =>
  text.length > maxText ? `${text.slice(0, maxText)}… ${text.length - maxText} characters cut` : text;

/** RFC 3339 in UTC with milliseconds, in the format of `pino.stdTimeFunctions.isoTime`. */
export function timeText(at: EpochMs): string {
  const ms = Math.floor(at);
  const second = Math.floor(ms / 1_000);
  if (second !== lastSecond.second) {
    lastSecond = { second, text: new Date(second * 1_000).toISOString().slice(0, -4) };
  }
  const left = ms - second * 1_000;
  return `${lastSecond.text}${left < 10 ? "00" : left < 100 ? "0" : ""}${left}Z`;
}

/** A figure as JSON; an upstream can have one that JSON has no word for. */
export const figure = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** A duration as JSON, to the microsecond. */
export const rounded = (ms: DurationMs | null): number | null =>
  ms === null ? null : figure(Math.round(ms * 1_000) / 1_000);

const remembered = new Map<string, string>();

/** Most lines are of the same second as the one before. */
let lastSecond = { second: Number.NaN, text: "" };
