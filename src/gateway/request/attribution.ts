import type { Attribution, AttributionSource } from "../../domain/snapshot.ts";

/** Longer values are no names, and would blow up the journal. */
const maxLength = 256;

/** Who the request is for, and its labels, from the places that the file names; the first that has a value gives it. */
export function attributionOf(
  attribution: Attribution,
  headers: Headers,
  body: Readonly<Record<string, unknown>>,
): { readonly user: string | null; readonly labels: Readonly<Record<string, string>> } {
  const read = (sources: readonly AttributionSource[]): string | null => {
    for (const { from, name } of sources) {
      const value = from === "header" ? headers.get(name) : Object.hasOwn(body, name) ? body[name] : null;
      if (typeof value === "string" && value !== "") return value.slice(0, maxLength);
    }
    return null;
  };
  const labels = Object.entries(attribution.labels).flatMap(([label, sources]) => {
    const value = read(sources);
    return value === null ? [] : [[label, value] as const];
  });
  return { user: read(attribution.user), labels: Object.fromEntries(labels) };
}
