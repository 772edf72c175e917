import { type DurationMs, parseCount, parseDuration } from "../../core/units.ts";

/** A number to be met. */
export interface Figure {
  /** As the file writes it. */
  readonly shown: string;
  readonly isMetBy: (value: number) => boolean;
}

type Compare = (value: number, bound: number) => boolean;

const comparisons: Readonly<Record<string, Compare>> = {
  "<": (value, bound) => value < bound && !isSame(value, bound),
  "<=": (value, bound) => value < bound || isSame(value, bound),
  ">": (value, bound) => value > bound && !isSame(value, bound),
  ">=": (value, bound) => value > bound || isSame(value, bound),
};

/** Reads `3`, `200k` or `">=3"`, which the schema has accepted. */
export function figureOf(written: number | string): Figure {
  const [compare, rest] = typeof written === "number" ? [isSame, written] : parted(written);
  const bound = parseCount(/^[0-9.]+$/.test(String(rest)) ? Number(rest) : rest);
  return { shown: String(written), isMetBy: (value) => bound.ok && compare(value, bound.value) };
}

/** Reads `20s` or `"<=30s"`, which the schema has accepted; in milliseconds. */
export function spanOf(written: string): Figure {
  const [compare, rest] = parted(written);
  const bound = parseDuration(rest);
  return { shown: written, isMetBy: (value) => bound.ok && compare(value, bound.value) };
}

function parted(written: string): readonly [Compare, string] {
  const [, sign = "", rest = ""] = /^(<=|>=|<|>|) ?(.*)$/s.exec(written) ?? [];
  return [comparisons[sign] ?? isSame, rest];
}

/** Sums of prices differ in their last digits by the order in which they were added. */
export function isSame(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** A time as people write it: `250ms`, `12.5s`. */
export const showMs = (ms: DurationMs): string =>
  ms >= 1_000 ? `${Math.round(ms / 100) / 10}s` : `${Math.ceil(ms)}ms`;
