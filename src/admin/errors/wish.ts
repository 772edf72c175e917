import type { ErrorEntry } from "../../metrics/error_entry.ts";
import type { ErrorsReport } from "../../metrics/errors.ts";

/** Which errors are looked at; texts as they are typed, empty ones choose nothing. */
export interface Wish {
  /** How far back. */
  readonly hours: string;
  readonly outcome: "" | "error" | "refused";
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly code: string;
  readonly rule: string;
  readonly generation: string;
}

/** The last day, whatever it was. */
export const everything: Wish = {
  ...{ hours: "24", outcome: "", provider: "", model: "", key: "", code: "", rule: "", generation: "" },
};

/** How far back one can look. */
export const spans: readonly (readonly [hours: string, says: string])[] = [
  ["1", "last hour"],
  ["24", "last day"],
  ["168", "last week"],
  ["720", "last 30 days"],
];

/** What can have become of a request. */
export const outcomes: readonly (readonly [Wish["outcome"], string])[] = [
  ["", "failed and refused"],
  ["error", "failed"],
  ["refused", "refused"],
];

/** The path that answers a wish; `before`: what came before that place. */
export function pathOf(wish: Wish, before: string | null): string {
  const said = Object.entries(wish).filter(([, text]) => text.trim() !== "");
  const query = new URLSearchParams(said.map(([name, text]) => [name, text.trim()]));
  if (before !== null) query.set("before", before);
  return `/admin/api/errors?${query}`;
}

/** A report that goes on with older errors; counts are those of the first. */
export const withOlder = (first: ErrorsReport, older: readonly ErrorsReport[]): ErrorsReport => {
  const last = older.at(-1) ?? first;
  return {
    ...first,
    complete: last.complete,
    looked_back_to: last.looked_back_to,
    next: last.next,
    errors: [first, ...older].flatMap(({ errors }) => errors),
  };
};

/** A rule without its place, and the place: `key web rpm` and `routes.yaml:3:54`. */
export function ruleParts(rule: string): readonly [rule: string, at: string] {
  const [, says = rule, at = ""] = /^(.*?) (\S+:\d+:\d+)$/.exec(rule) ?? [];
  return [says, at];
}

/** What went wrong, as short as can be: the code, and how attempts ended. */
export function causeOf({
  code,
  status,
  attempts,
}: Pick<ErrorEntry, "code" | "status" | "attempts">): string {
  const ends = attempts.filter(({ outcome }) => outcome !== "ok").map(({ outcome }) => outcome);
  const said = [...new Set(ends)].join(", ").replaceAll("_", " ");
  const what = code ?? `status ${status}`;
  return said === "" ? what : `${what}: ${said}`;
}

/** Where an attempt lies in the time of its request, as shares of it. */
export function placeOf(
  { start_ms, duration_ms }: Pick<ErrorEntry["attempts"][number], "start_ms" | "duration_ms">,
  totalMs: number,
): { readonly left: number; readonly width: number } {
  const total = Math.max(totalMs, start_ms + duration_ms, 1);
  return { left: start_ms / total, width: Math.max(0.005, duration_ms / total) };
}
