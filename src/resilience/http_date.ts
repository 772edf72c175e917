import type { EpochMs } from "../core/units.ts";

const months: readonly string[] = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];
const clock = "(?<h>\\d{2}):(?<m>\\d{2}):(?<s>\\d{2})";
const forms = [
  new RegExp(`^\\w{3}, (?<day>\\d{1,2}) (?<month>\\w{3}) (?<year>\\d{4}) ${clock} (?:GMT|UTC)$`, "i"),
  new RegExp(`^\\w{6,9}, (?<day>\\d{2})-(?<month>\\w{3})-(?<year>\\d{2}) ${clock} GMT$`, "i"),
  new RegExp(`^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${clock} (?<year>\\d{4})$`, "i"),
] as const;
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * A moment in one of HTTP's three forms (IMF-fixdate, RFC 850, asctime; all are UTC) or RFC 3339; null for anything else.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function httpDate(text: string, now: EpochMs): EpochMs | null {
  if (rfc3339.test(text)) return finite(Date.parse(text));
  for (const form of forms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const month = months.indexOf((parts["month"] ?? "").toLowerCase());
    const [day, h, m, s] = ["day", "h", "m", "s"].map((name) => Number(parts[name]));
    if (month === -1 || day === undefined || day < 1 || day > 31) return null;
    return finite(Date.UTC(fullYear(parts["year"] ?? "", now), month, day, h, m, s));
  }
  return null;
}

/** Two digits are of this century, unless that lies more than 50 years ahead. */
function fullYear(year: string, now: EpochMs): number {
  if (year.length === 4) return Number(year);
  const current = new Date(now).getUTCFullYear();
  const guess = current - (current % 100) + Number(year);
  return guess > current + 50 ? guess - 100 : guess;
}

const finite = (at: number): EpochMs | null => (Number.isFinite(at) ? at : null);
