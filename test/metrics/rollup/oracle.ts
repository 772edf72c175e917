import type { RequestRow } from "../../../src/domain/journal.ts";
import { noUsage } from "../../../src/domain/usage.ts";
import type { TrendPoint, Trends } from "../../../src/metrics/trends.ts";
import { attempt, request } from "../traffic.ts";

/** The same numbers for the same seed, 0 to 1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const named = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${at}`);
/** Made once: a million requests are kept in memory. */
const names = {
  ...{ model: named("model", 5), provider: named("provider", 3), upstream: named("up", 3) },
  ...{ key: named("key", 6), team: named("team", 3), user: named("user", 40) },
};
const projects = named("project", 4).map((project) => ({ project }));
const tried = [attempt({ provider: "provider-0" })];

/** A request that could have been, at any time in [from, until). */
export function anyRequest(chance: () => number, from: number, until: number): RequestRow {
  const whole = (below: number): number => Math.floor(chance() * below);
  const some = <T>(value: T): T | null => (chance() < 0.8 ? value : null);
  const outcome = (["ok", "ok", "ok", "ok", "error", "refused", "cancelled"] as const)[whole(7)] ?? "ok";
  const isAnswered = outcome === "ok" || (outcome === "error" && chance() < 0.5);
  const one = <T>(of: readonly T[]): T | null => of[whole(of.length)] ?? null;
  const model = chance() < 0.97 ? one(names.model) : null;
  const target = whole(names.provider.length);
  const key = whole(names.key.length + 1);
  const cost = isAnswered && chance() < 0.9 ? picosToUsd(1 + whole(40_000_000_000)) : null;
  const usage = isAnswered
    ? {
        ...noUsage,
        ...{ prompt: some(whole(5_000)), completion: some(whole(900)), total: some(whole(6_000)) },
        ...{ cached: chance() < 0.3 ? whole(500) : null, reasoning: chance() < 0.1 ? whole(500) : null },
      }
    : noUsage;
  return request({
    arrived_at: from + whole(until - from),
    outcome,
    model,
    served_model: isAnswered ? (chance() < 0.9 ? model : "model-spare") : null,
    // a target has few models, and a key one team
    provider: isAnswered ? (names.provider[target] ?? null) : null,
    upstream: isAnswered ? (names.upstream[target] ?? null) : null,
    key_id: names.key[key] ?? null,
    team: key % 3 === 0 ? null : (names.team[key % 3] ?? null),
    user_hash: some(one(names.user)),
    labels: (chance() < 0.7 ? one(projects) : null) ?? {},
    generation: 1 + whole(3),
    arm: chance() < 0.1 ? "canary" : "stable",
    duration_ms: Math.exp(3 + 7 * chance()),
    ttft_ms: isAnswered && chance() < 0.9 ? Math.exp(2 + 5 * chance()) : null,
    usage,
    cost_usd: cost,
    attempts: isAnswered ? tried : [],
  });
}

const picosToUsd = (picos: number): number => picos / 1e12;

/** A trends query in plain words, and what chooses and groups rows by it. */
export interface Asked {
  readonly query: string;
  readonly from: number;
  readonly until: number;
  readonly chosen: (row: RequestRow) => boolean;
  /** Null: not grouped. */
  readonly group: ((row: RequestRow) => string | null) | null;
}

/** Compares an answer with what the rows themselves come to. Throws at the first difference. */
export function compare(answer: Trends, rows: readonly RequestRow[], asked: Asked): void {
  const starts = answer.points.map(({ start }) => Date.parse(start));
  const chosen = rows.filter(
    (row) => row.arrived_at >= asked.from && row.arrived_at < asked.until && asked.chosen(row),
  );
  comparePoints(answer.points, starts, chosen, asked.query);
  if (asked.group === null) return;
  const groups = Map.groupBy(chosen, asked.group);
  const found = new Map((answer.series ?? []).map(({ group, points }) => [group, points]));
  same(
    [...found.keys()].map(String).sort().join(),
    [...groups.keys()].map(String).sort().join(),
    `${asked.query}: groups`,
  );
  for (const [group, of] of groups)
    comparePoints(found.get(group) ?? [], starts, of, `${asked.query}: ${group}`);
}

function comparePoints(
  points: readonly TrendPoint[],
  starts: readonly number[],
  rows: readonly RequestRow[],
  what: string,
): void {
  const within = new Map<number, RequestRow[]>();
  for (const row of rows) {
    const at = lastAtOrBefore(starts, row.arrived_at);
    const there = within.get(at);
    if (there === undefined) within.set(at, [row]);
    else there.push(row);
  }
  for (const [at, point] of points.entries())
    comparePoint(point, within.get(at) ?? [], `${what} at ${point.start}`);
}

function lastAtOrBefore(starts: readonly number[], ms: number): number {
  let [low, high] = [-1, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

function comparePoint(point: TrendPoint, rows: readonly RequestRow[], what: string): void {
  const count = (test: (row: RequestRow) => boolean): number => rows.filter(test).length;
  same(point.requests, rows.length, `${what}: requests`);
  same(
    point.errors,
    count(({ outcome }) => outcome === "error"),
    `${what}: errors`,
  );
  same(
    point.refused,
    count(({ outcome }) => outcome === "refused"),
    `${what}: refused`,
  );
  same(
    point.cancelled,
    count(({ outcome }) => outcome === "cancelled"),
    `${what}: cancelled`,
  );
  const isFallback = (row: RequestRow) => row.served_model !== null && row.served_model !== row.model;
  same(point.fallbacks, count(isFallback), `${what}: fallbacks`);
  const isUnpriced = (row: RequestRow) => row.cost_usd === null && row.provider !== null;
  same(point.unpriced, count(isUnpriced), `${what}: unpriced`);
  for (const kind of ["prompt", "cached", "completion", "reasoning"] as const)
    same(point.tokens[kind], sumOf(rows.map(({ usage }) => usage[kind])), `${what}: ${kind}`);
  const total = rows.map(({ usage: { prompt, completion, total } }) =>
    total !== null || prompt === null || completion === null ? total : prompt + completion,
  );
  same(point.tokens.total, sumOf(total), `${what}: total`);
  same(point.cost_usd, costOf(rows), `${what}: cost`);
  const served = rows.filter(({ outcome }) => outcome === "ok" || outcome === "error");
  nearQuantiles(
    point.latency_ms,
    served.map(({ duration_ms }) => duration_ms),
    `${what}: latency`,
  );
  const firsts = rows.flatMap(({ ttft_ms }) => ttft_ms ?? []);
  nearQuantiles(point.ttft_ms, firsts, `${what}: first token`);
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** In whole numbers, of which there are enough. */
function costOf(rows: readonly RequestRow[]): number | null {
  const known = rows.flatMap(({ cost_usd }) => cost_usd ?? []);
  if (known.length === 0) return null;
  const picos = known.reduce((sum, usd) => sum + BigInt(Math.round(usd * 1e12)), 0n);
  return Number(`${picos / 1_000_000_000_000n}.${String(picos % 1_000_000_000_000n).padStart(12, "0")}`);
}

function nearQuantiles(found: TrendPoint["latency_ms"], values: readonly number[], what: string): void {
  const sorted = Float64Array.from(values).sort();
  for (const [name, share] of [["p50", 0.5] as const, ["p95", 0.95] as const, ["p99", 0.99] as const]) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? null;
    const value = found[name];
    if (exact === null || value === null) same(value, exact, `${what} ${name}`);
    else if (Math.abs(value - exact) > 0.02 * exact)
      throw new Error(`${what} ${name} is ${value}, and should be within 2 % of ${exact}`);
  }
}

function same(found: number | string | null, expected: number | string | null, what: string): void {
  if (found !== expected) throw new Error(`${what} is ${found}, and should be ${expected}`);
}
