import { err, ok, type Result } from "./result.ts";

/** Milliseconds since 1970-01-01 UTC. */
export type EpochMs = number & { readonly unit?: "epoch ms" };
/** A length of time in milliseconds. */
export type DurationMs = number & { readonly unit?: "ms" };
/** A share: 0 is none, 1 is all. */
export type Share = number & { readonly unit?: "share" };
/** US dollars. */
export type Usd = number & { readonly unit?: "usd" };

const durationUnits = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365 * 86_400_000,
} as const;
const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
const countUnits = { k: 1_000, M: 1_000_000 } as const;

/** The grammar of each written value, for the JSON Schema and for messages. */
export const patterns = {
  duration: "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d|y)$",
  size: "^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)$",
  count: "^[0-9]+(\\.[0-9]+)?(k|M)$",
  percentage: "^[0-9]+(\\.[0-9]+)?%$",
} as const;

/** Reads `250ms`, `5s`, `2h`, `14d`, `1y` (365 days); a bare number is refused, because its unit would be a guess. */
export function parseDuration(text: string): Result<DurationMs, string> {
  return scaled(text, /^(\d+(?:\.\d+)?)(ms|s|m|h|d|y)$/, durationUnits, "a time such as 250ms, 5s or 2h");
}

/** Reads `32MiB`, `64KiB`; in bytes. */
export function parseSize(text: string): Result<number, string> {
  return scaled(text, /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/, sizeUnits, "a size such as 64KiB or 32MiB");
}

/** Reads a number, or `200k`, `1.5M`; digits in quotes are a wrong type, as in YAML itself. */
export function parseCount(value: number | string): Result<number, string> {
  if (typeof value === "number") return ok(value);
  return scaled(value, /^(\d+(?:\.\d+)?)(k|M)$/, countUnits, "a number such as 600, 200k or 1.5M");
}

/** Reads `2%` or `0.1%` as a share of one. */
export function parsePercentage(text: string): Result<Share, string> {
  const matched = /^(\d+(?:\.\d+)?)%$/.exec(text);
  return matched === null ? err("a percentage such as 10%") : ok(Number(matched[1]) / 100);
}

function scaled(
  text: string,
  grammar: RegExp,
  units: Readonly<Record<string, number>>,
  wanted: string,
): Result<number, string> {
  const matched = grammar.exec(text);
  const unit = units[matched?.[2] ?? ""];
  if (matched === null || unit === undefined) return err(wanted);
  // 1.1M is 1100000, not 1100000.0000000002
  return ok(Number((Number(matched[1]) * unit).toPrecision(15)));
}
