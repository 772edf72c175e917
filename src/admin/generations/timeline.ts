import type { HistoryEntry } from "../../rollout/history.ts";

/** A stretch of time, in epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A generation that served, between two shares of the span. */
export interface Band {
  readonly generation: number;
  readonly as: "active" | "canary";
  /** In epoch ms; null: it still does. */
  readonly began: number;
  readonly ended: number | null;
  readonly left: number;
  readonly width: number;
}

/** A moment at which something did not, or no longer, serve: at a share of the span. */
export interface Mark {
  readonly generation: number;
  readonly what: "rejected" | "quarantined" | "held";
  readonly at: number;
  readonly left: number;
}

/** Which generation served when, and what did not come to serve, as far as a span shows it. */
export interface Timeline {
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
}

/** Ready-made spans by how long they are, in hours; null: all of it. */
export const spans = {
  "1h": 1,
  "6h": 6,
  "24h": 24,
  "7d": 7 * 24,
  "30d": 30 * 24,
  "90d": 90 * 24,
  all: null,
} as const;
export type SpanName = keyof typeof spans;

const hourMs = 3_600_000;

/** Places what history tells in a span. */
export function timelineOf(entries: readonly HistoryEntry[], span: Span): Timeline {
  const share = (at: number) => Math.min(1, Math.max(0, (at - span.from) / (span.to - span.from)));
  const bands = entries.flatMap(({ generation, served }) =>
    served.map(({ as, from, to }): Band => {
      const [began, ended] = [Date.parse(from), to === null ? null : Date.parse(to)];
      const left = share(began);
      return { generation, as, began, ended, left, width: share(ended ?? span.to) - left };
    }),
  );
  const isSeen = ({ began, ended }: Band) => began <= span.to && (ended ?? span.to) >= span.from;
  const marks = entries.flatMap((entry): readonly Mark[] => {
    const { generation, state: what } = entry;
    const at = Date.parse(entry.retired_at ?? entry.seen_at);
    if (what !== "rejected" && what !== "quarantined" && what !== "held") return [];
    return at < span.from || at > span.to ? [] : [{ generation, what, at, left: share(at) }];
  });
  return {
    bands: bands.filter(isSeen).toSorted((a, b) => a.began - b.began),
    marks: marks.toSorted((a, b) => a.at - b.at),
  };
}

/** The span of a name that ends now; `all` begins with the oldest that is known. */
export function spanOf(name: SpanName, entries: readonly HistoryEntry[], now: number): Span {
  const hours = spans[name];
  if (hours !== null) return { from: now - hours * hourMs, to: now };
  const oldest = entries.reduce((least, { seen_at }) => Math.min(least, Date.parse(seen_at)), now - 60_000);
  return { from: oldest - (now - oldest) / 50, to: now };
}

/** The shortest span in which the newest dozen came; all, where that is shorter still. */
export function fittingSpan(entries: readonly HistoryEntry[], now: number): SpanName {
  const ages = entries.map(({ seen_at }) => now - Date.parse(seen_at));
  const reaches = (name: SpanName, ageMs: number) => ageMs <= (spans[name] ?? Infinity) * hourMs;
  const names = Object.keys(spans) as readonly SpanName[];
  const name = names.find((each) => reaches(each, ages[11] ?? Infinity)) ?? "all";
  return ages.every((age) => reaches(name, age)) ? "all" : name;
}

const stepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 3, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * 24 * hourMs),
];

/** Round moments to name under a span, at most `most`. `zoneMs` is what local time is ahead of UTC. */
export function ticksOf(
  { from, to }: Span,
  most: number,
  zoneMs: number,
): { readonly at: readonly number[]; readonly stepMs: number } {
  const last = stepsMs.at(-1) ?? hourMs;
  const stepMs =
    stepsMs.find((step) => (to - from) / step <= most) ?? last * Math.ceil((to - from) / last / most);
  const first = Math.ceil((from + zoneMs) / stepMs) * stepMs - zoneMs;
  const length = Math.max(0, Math.floor((to - first) / stepMs) + 1);
  return { at: Array.from({ length }, (_, index) => first + index * stepMs), stepMs };
}
