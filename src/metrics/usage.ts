import { ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { Per } from "../domain/limits.ts";
import { endOfPeriod, startOfPeriod } from "../limits/period.ts";
import { maxGroups } from "./lines.ts";
import { noMoney, usdOf } from "./money.ts";
import { nameOf } from "./rollup/groups.ts";
import { sweep, type Times } from "./rollup/sweep.ts";
import type { Filter, Grouping } from "./scan.ts";
import { parseFilters, parseGrouping, selectors } from "./selectors.ts";
import { other } from "./series.ts";
import type { Store } from "./store.ts";
import { type Count, mergeCount, noCount, type Tally, tallyOf } from "./tally.ts";
import {
  type BadQuery,
  bad,
  parseSpan,
  readParams,
  rfc3339,
  shown,
  type Window,
  windowOf,
} from "./window.ts";

/** A checked query for usage: plain data, so that it can be sent to a thread. */
export interface UsageQuery extends Window {
  readonly where: readonly Filter[];
  readonly by: Grouping;
  /** What it is by, as it was asked for. */
  readonly asked: string;
}

/** What was used in a time, and by whom. Times are RFC 3339 UTC. */
export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly total: Usage;
  /** Those that cost most first; after a thousand of them comes `other`. */
  readonly usage: readonly (Usage & { readonly group: string | null })[];
}

/** A tally without durations. */
export type Usage = Omit<Tally, "latency_ms" | "ttft_ms" | "success_rate">;

const known = ["by", "period", "hours", "from", "to", ...selectors];

/** Reads `by`, a period of the calendar or a span, and what to choose. `labels` are the labels there are. */
export function parseUsage(
  query: URLSearchParams,
  labels: readonly string[],
  now: EpochMs,
): Result<UsageQuery, BadQuery> {
  const params = readParams(query, known);
  if (!params.ok) return params;
  const window = parseTime(params.value, now);
  if (!window.ok) return window;
  const where = parseFilters(params.value);
  if (!where.ok) return where;
  const asked = params.value.get("by") ?? "key";
  const by = parseGrouping("by", asked, labels);
  return by.ok ? ok({ ...window.value, where: where.value, by: by.value, asked }) : by;
}

/** Answers a checked query. */
export async function queryUsage(store: () => Store, query: UsageQuery): Promise<UsageReport> {
  const total = noCount();
  const counts = new Map<string | null, Count>();
  const times: Times = { ...query, of: "requests", starts: [query.from], unit: "day", countsOnly: true };
  await sweep(store, times, (_, groups) => {
    for (const group of groups) {
      mergeCount(total, group.count);
      mergeCount(countOf(counts, nameOf(group)), group.count);
    }
  });
  const ranked = [...counts].filter(([group]) => group !== other).toSorted(dearestFirst);
  for (const [, count] of ranked.slice(maxGroups)) mergeCount(countOf(counts, other), count);
  const rest = counts.get(other);
  const shown = [...ranked.slice(0, maxGroups), ...(rest === undefined ? [] : [[other, rest] as const])];
  return {
    from: rfc3339(query.from),
    to: rfc3339(query.to),
    by: query.asked,
    total: usageOf(total),
    usage: shown.map(([group, count]) => ({ group, ...usageOf(count) })),
  };
}

/** The usage of somebody who used nothing. */
export const noUsage: Usage = usageOf(noCount());

function usageOf(count: Count): Usage {
  const { requests, errors, refused, cancelled, fallbacks, unpriced, tokens, cost_usd } = tallyOf(count);
  return { requests, errors, refused, cancelled, fallbacks, unpriced, tokens, cost_usd };
}

function countOf(counts: Map<string | null, Count>, group: string | null): Count {
  const count = counts.get(group) ?? noCount();
  counts.set(group, count);
  return count;
}

type Ranked = readonly [string | null, Count];

/** By cost, then by tokens, then by requests; ties by name. */
function dearestFirst([a, most]: Ranked, [b, more]: Ranked): number {
  const dearer = usdOf(more.cost ?? noMoney()) - usdOf(most.cost ?? noMoney());
  const longer = (more.total ?? 0) - (most.total ?? 0);
  return dearer || longer || more.requests - most.requests || (`${a}` < `${b}` ? -1 : 1);
}

function parseTime(params: ReadonlyMap<string, string>, now: EpochMs): Result<Window, BadQuery> {
  const period = params.get("period");
  const isSpan = ["hours", "from", "to"].some((name) => params.has(name));
  if (period !== undefined && isSpan)
    return bad("period", "period and hours or from/to exclude each other; give one of them");
  if (!isSpan) return parsePeriod(period ?? "month", now);
  const span = parseSpan(params, now);
  return span.ok ? ok(windowOf(span.value, now)) : span;
}

function parsePeriod(text: string, now: EpochMs): Result<Window, BadQuery> {
  const per = periods.find((one) => one === text);
  return per === undefined
    ? bad("period", `period must be day, week or month, found ${shown(text)}`)
    : ok({ from: startOfPeriod(per, now), until: endOfPeriod(per, now), to: Math.floor(now) });
}

const periods = ["day", "week", "month"] as const satisfies readonly Per[];
