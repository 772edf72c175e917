import type { Result } from "../../core/result.ts";
import {
  type DurationMs,
  type EpochMs,
  parseCount,
  parseDuration,
  parsePercentage,
  parseSize,
  type Share,
} from "../../core/units.ts";
import type { Making } from "./making.ts";

const dayMs = 86_400_000;

/** Reads what the schema has accepted already, and checks what a pattern cannot say. */
export interface Values {
  readonly count: (owner: object, key: string, value: number | string) => number;
  /** At least `minimum`, and whole. */
  readonly whole: (owner: object, key: string, value: number | string, minimum: number) => number;
  /** Longer than nothing. */
  readonly duration: (owner: object, key: string, value: string) => DurationMs;
  readonly size: (owner: object, key: string, value: string, maximum?: number) => number;
  readonly share: (value: string) => Share;
  /** As `share`, at most all of it. */
  readonly part: (owner: object, key: string, value: string) => Share;
  /** The first moment after a day. */
  readonly endOf: (owner: object, key: string, value: string) => EpochMs | null;
}

/** The readers of numbers, times, sizes and dates for one compile. */
export function valuesFor({ report, places }: Making): Values {
  const refuse = (owner: object, key: string, message: string) =>
    report("out_of_range", places.value(owner, key), message);
  const count = (_owner: object, _key: string, value: number | string) => given(parseCount(value));
  return {
    count,
    whole: (owner, key, value, minimum) => {
      const number = count(owner, key, value);
      if (!Number.isSafeInteger(number) || number < minimum)
        refuse(owner, key, `Found ${value}; this must be a whole number, at least ${minimum}.`);
      return number;
    },
    duration: (owner, key, value) => {
      const ms = given(parseDuration(value));
      if (ms <= 0) refuse(owner, key, `Found ${value}; this must be longer than nothing.`);
      return ms;
    },
    size: (owner, key, value, maximum = Number.MAX_SAFE_INTEGER) => {
      const bytes = Math.floor(given(parseSize(value)));
      if (bytes < 1) refuse(owner, key, `Found ${value}; this must be at least one byte.`);
      if (bytes > maximum)
        refuse(owner, key, `Found ${value}; this must be at most ${maximum / 1024 ** 2}MiB.`);
      return bytes;
    },
    share: (value) => given(parsePercentage(value)),
    part: (owner, key, value) => {
      const share = given(parsePercentage(value));
      if (share > 1) refuse(owner, key, `Found ${value}; this must be at most 100%.`);
      return share;
    },
    endOf: (owner, key, value) => {
      const start = Date.parse(`${value}T00:00:00Z`);
      if (!Number.isNaN(start) && new Date(start).toISOString().startsWith(value)) return start + dayMs;
      refuse(owner, key, `There is no day ${value}; this must be a date such as 2027-12-31.`);
      return null;
    },
  };
}

/** The schema's patterns are those of the parsers, so a refusal here is a bug. */
function given(parsed: Result<number, string>): number {
  if (parsed.ok) return parsed.value;
  throw new Error(`the schema let through what is not ${parsed.error}`);
}
