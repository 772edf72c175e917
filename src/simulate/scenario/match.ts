import { isRecord } from "../../core/record.ts";
import { figureOf, isSame } from "./figure.ts";

/**
 * Whether a value is what was wanted: mappings may have more members than are wanted, lists must be alike, `null` wants
 * nothing, a comparison such as `"<=100"` wants a number that meets it.
 */
export function matches(wanted: unknown, got: unknown): boolean {
  if (wanted === null) return got === null || got === undefined;
  if (isRecord(wanted))
    return isRecord(got) && Object.entries(wanted).every(([name, value]) => matches(value, got[name]));
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(got) &&
      got.length === wanted.length &&
      wanted.every((value, at) => matches(value, got[at]))
    );
  }
  if (wanted === got) return true;
  const number = numberOf(got);
  if (number === null) return typeof got === "string" && String(wanted) === got;
  if (typeof wanted === "number") return isSame(wanted, number);
  return typeof wanted === "string" && comparison.test(wanted) && figureOf(wanted).isMetBy(number);
}

const comparison = /^((<=|>=|<|>) ?[0-9]+(\.[0-9]+)?(k|M)?|[0-9]+(\.[0-9]+)?(k|M))$/;

const numberOf = (value: unknown): number | null => {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
};

/** A value as JSON, bounded. */
export function show(value: unknown): string {
  const text = value === undefined ? "absent" : (JSON.stringify(value) ?? "absent");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
