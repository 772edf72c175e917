import type { DurationMs, EpochMs, Share, Usd } from "../../core/units.ts";
import type { Deprecation } from "../../domain/snapshot.ts";

/** `12,000`. */
export const count = (number: number): string => Math.ceil(number).toLocaleString("en-US");

/** `80 %`. */
export const percent = (share: Share): string => `${Number((share * 100).toPrecision(3))} %`;

/** `$0.0045`, `$12.50`: three digits that matter, cents at least. */
export function dollars(usd: Usd): string {
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  const digits = usd > 0 ? Math.max(2, 2 - Math.floor(Math.log10(usd))) : 2;
  return `$${usd.toFixed(Math.min(12, digits)).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** `125 ms`, `20 s`, `1.5 h`. */
export function span(ms: DurationMs): string {
  const [unit, of] = units.find(([, least]) => ms >= least) ?? ["ms", 1];
  return `${Number((ms / of).toPrecision(3))} ${unit}`;
}

/** `2027-12-31`: the last day on which something is served that ends at a moment. */
export const lastDay = (end: EpochMs): string => new Date(end - 1).toISOString().slice(0, 10);

/** `deprecated, served until 2027-12-31; use small`. */
export const leaving = ({ use, after }: Deprecation): string =>
  `deprecated${after === null ? "" : `, served until ${lastDay(after)}`}${use === null ? "" : `; use ${use}`}`;

/** `a`, `a and b`, `a, b and c`. */
export const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** A value as JSON on one line, with room to break it at, bounded. */
export function json(value: unknown, most = 200): string {
  const text = (JSON.stringify(value, null, 1) ?? "nothing").replace(/\n */g, " ");
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}
