import type { DurationMs, EpochMs, Share } from "../../core/units.ts";

/** Plain data in the words of routes.yaml. */
export type Form = Readonly<Record<string, unknown>>;

const durations = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;
const sizes = [
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
] as const;

/** `90s`: a time in the largest unit that divides it. Different times have different texts. */
export const duration = (ms: DurationMs): string => scaled(ms, durations, "ms");

/** `32MiB`, likewise. */
export const size = (bytes: number): string => scaled(bytes, sizes, "B");

function scaled(
  value: number,
  units: readonly (readonly [name: string, of: number])[],
  smallest: string,
): string {
  const [name, of] = units.find((unit) => value !== 0 && value % unit[1] === 0) ?? [smallest, 1];
  return `${value / of}${name}`;
}

/** `2%`, likewise: 7 % is no 7.000000000000001 %. */
export function percentage(share: Share): string {
  const round = Number((share * 100).toPrecision(15));
  return round / 100 === share ? `${round}%` : `${share} of 1`;
}

/** The last day of what ends at a moment, as `expires` and `after` have it. */
export const lastDay = (end: EpochMs): string => new Date(end - 86_400_000).toISOString().slice(0, 10);

/** Texts whose order means nothing. */
export const unordered = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

/** Without what is not there. */
export const present = (form: Form): Form =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value !== null && value !== undefined));

/** Each value of a record, made into something else. */
export const mapped = <T>(record: Readonly<Record<string, T>>, make: (value: T) => unknown): Form =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value)]));

/** Things by name; an item whose name stands in brackets has a place in a list. */
export const byName = <T>(items: Iterable<T>, name: (item: T) => string, make: (item: T) => unknown): Form =>
  Object.fromEntries([...items].map((item) => [name(item), make(item)]));

/** A compile error where a field of the Snapshot has no word here. */
export const nothingElse = (_rest: Readonly<Record<string, never>>): void => {};
