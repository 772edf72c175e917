/** How far back the ready-made times go, in hours. */
export const spans = {
  "1h": 1,
  "6h": 6,
  "24h": 24,
  "7d": 7 * 24,
  "30d": 30 * 24,
  "90d": 90 * 24,
  "1y": 365 * 24,
} as const;

/** A ready-made time. */
export type SpanName = keyof typeof spans;

/** What requests can be chosen by. */
export const filters = ["model", "provider", "key", "team", "generation", "outcome"] as const;
export type FilterName = (typeof filters)[number];

/** What can be looked at as lines of their own. */
export const groupings = [
  "model",
  "provider",
  "target",
  "key",
  "team",
  "user",
  "generation",
  "outcome",
] as const;

/** What the section shows; all of it stands in the address, so that it can be sent to somebody. */
export interface View {
  readonly span: SpanName;
  /** Epoch seconds of a stretch that was dragged over; it wins over `span`. */
  readonly zoom: { readonly from: number; readonly to: number } | null;
  readonly bucket: "auto" | "minute" | "hour" | "day";
  readonly where: Readonly<Partial<Record<FilterName, string>>>;
  /** Null: everything together. */
  readonly by: string | null;
  /** Whether the same length of time before is drawn too. */
  readonly isCompared: boolean;
}

/** What is shown at first. */
export const first: View = {
  span: "24h",
  zoom: null,
  bucket: "auto",
  where: {},
  by: null,
  isCompared: false,
};

/** The view as the query of an address; what is as at first is left out. */
export function addressOf({ span, zoom, bucket, where, by, isCompared }: View): string {
  const query = new URLSearchParams();
  if (span !== first.span) query.set("span", span);
  if (zoom !== null) query.set("zoom", `${Math.floor(zoom.from)}-${Math.ceil(zoom.to)}`);
  if (bucket !== first.bucket) query.set("bucket", bucket);
  for (const [name, value] of Object.entries(where)) if (value !== "") query.set(name, value);
  if (by !== null) query.set("by", by);
  if (isCompared) query.set("compare", "1");
  return query.toString();
}

/** The view that an address means; what it gets wrong is as at first. */
export function viewIn(address: string): View {
  const query = new URLSearchParams(address);
  const zoom = /^(\d+)-(\d+)$/.exec(query.get("zoom") ?? "");
  const [bucket, span] = [query.get("bucket"), query.get("span")];
  const where = filters.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    span: span !== null && Object.hasOwn(spans, span) ? (span as SpanName) : first.span,
    zoom: zoom === null ? null : { from: Number(zoom[1]), to: Number(zoom[2]) },
    bucket: bucket === "minute" || bucket === "hour" || bucket === "day" ? bucket : "auto",
    where: Object.fromEntries(where),
    by: query.get("by"),
    isCompared: query.get("compare") === "1",
  };
}

/** What to ask the gateway for: the stretch itself, or the one of the same length before it. */
export function pathOf(view: View, which: "this" | "before", zone: string, nowS: number): string {
  const query = new URLSearchParams({ bucket: view.bucket, tz: zone });
  const length = view.zoom === null ? spans[view.span] * 3_600 : view.zoom.to - view.zoom.from;
  const end = view.zoom?.to ?? nowS;
  if (which === "this" && view.zoom === null) query.set("hours", String(spans[view.span]));
  else {
    const to = which === "this" ? end : end - length;
    query.set("from", new Date((to - length) * 1_000).toISOString());
    query.set("to", new Date(to * 1_000).toISOString());
  }
  for (const [name, value] of Object.entries(view.where)) if (value !== "") query.set(name, value);
  if (view.by !== null && which === "this") query.set("group_by", view.by);
  return `/metrics/trends?${query}`;
}
