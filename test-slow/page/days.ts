import type { AttemptRow, RequestRow } from "../../src/domain/journal.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { openJournal } from "../../src/metrics/journal.ts";
import { attempt, forever, refusal, request } from "../../test/metrics/traffic.ts";

const hourMs = 3_600_000;

/** Drawn the same way in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const routes = [
  { model: "chat", provider: "openai", upstream: "gpt-4o", share: 0.42, ms: 1_450, usd: [2.5, 10] },
  { model: "small", provider: "gemini", upstream: "gemini-2.5-flash", share: 0.34, ms: 620, usd: [0.3, 2.5] },
  {
    model: "small",
    provider: "mistral",
    upstream: "mistral-small-latest",
    share: 0.12,
    ms: 480,
    usd: [0.1, 0.3],
  },
  {
    model: "embed",
    provider: "openai",
    upstream: "text-embedding-3-small",
    share: 0.12,
    ms: 90,
    usd: [0.02, 0],
  },
] as const;
type Route = (typeof routes)[number];
const keys = [
  { key_id: "web-app", team: "search", project: "site-search", share: 0.6 },
  { key_id: "help-desk", team: "support", project: "tickets", share: 0.3 },
  { key_id: "nightly-batch", team: null, project: "digest", share: 0.1 },
] as const;
type Key = (typeof keys)[number];

/** One of some, as often as its share says. */
function pick<T extends { readonly share: number }>(first: T, others: readonly T[], drawn: number): T {
  let upTo = 0;
  for (const one of [first, ...others]) {
    upTo += one.share;
    if (drawn < upTo) return one;
  }
  return first;
}

/** Busy by day, quiet by night, of 1. It is early in the afternoon now. */
const busyness = (at: number): number => {
  const hour = ((((at - now) / hourMs + 13.5) % 24) + 24) % 24;
  return 0.2 + 0.8 * Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) ** 1.5;
};
const now = Date.now();

/** Between two requests where it is busiest. */
const everyMs = 750;

/** A generation that served, from a moment on. */
export interface Serving {
  readonly generation: number;
  readonly digest: string;
  readonly from: number;
}

/** Writes the traffic of some days before `until` into a journal that no gateway has open. */
export async function writeDays(
  file: string,
  {
    days,
    until,
    generations,
  }: { readonly days: number; readonly until: number; readonly generations: readonly Serving[] },
): Promise<number> {
  const draw = dice(7);
  const journal = openJournal({
    file,
    keeping: { retention: forever, labels: ["project"] },
    onProblem: ({ message }) => console.log(`  ${message}`),
  });
  let written = 0;
  for (let at = until - days * 24 * hourMs; at < until; ) {
    at += -Math.log(1 - draw()) * (everyMs / busyness(at));
    if (at >= until) break;
    const served = generations.findLast(({ from }) => from <= at) ?? generations[0];
    journal.record(row(at, written, draw, served ?? { generation: 1, digest: "0".repeat(64), from: 0 }));
    written += 1;
    if (written % 4_000 === 0) await journal.flush();
  }
  await journal.close();
  return written;
}

function row(at: number, index: number, draw: () => number, { generation, digest }: Serving): RequestRow {
  const route = pick<Route>(routes[0], routes.slice(1), draw());
  const { key_id, team, project } = pick<Key>(keys[0], keys.slice(1), draw());
  const common = {
    ...{
      request_id: `seed-${index}`,
      arrived_at: at,
      chance: draw(),
      user_hash: `u${Math.floor(draw() * 40)}`,
    },
    ...{ generation, digest, key_id, team, labels: { project }, asked: route.model, model: route.model },
  };
  // An hour of trouble at one provider, yesterday.
  const isTrouble = route.provider === "openai" && Math.abs(at - troubleAt) < hourMs / 2;
  const luck = draw();
  if (luck < 0.012) return refusal({ ...common, rule: "key nightly-batch rpm routes.yaml:12:60" });
  return answered(route, common, draw, luck > (isTrouble ? 0.82 : 0.994), isTrouble);
}

const troubleAt = now - 21 * hourMs;

function answered(
  route: Route,
  common: Partial<RequestRow> & { readonly arrived_at: number },
  draw: () => number,
  isFailed: boolean,
  isSlow: boolean,
): RequestRow {
  const { model, provider, upstream } = route;
  const isEmbedding = model === "embed";
  const isTicket = common.key_id !== "web-app" && model === "chat";
  const prompt = Math.round(80 + draw() ** 3 * 1_500) + (isTicket ? 6_000 : 0);
  const completion = isEmbedding ? 0 : Math.round(30 + draw() ** 2 * 300);
  const stretch =
    (0.6 + draw() + draw() ** 8 * 4) * (0.8 + 0.5 * busyness(common.arrived_at)) * (isSlow ? 2.2 : 1);
  const duration = Math.round(route.ms * stretch);
  const cached = Math.round(prompt * 0.3 * draw());
  const usage = { ...noUsage, prompt, completion, total: prompt + completion, cached };
  const cost = (prompt * route.usd[0] + completion * route.usd[1]) / 1e6;
  const stream = !isEmbedding && draw() < 0.6;
  const first = stream ? Math.round(duration * 0.3) : duration;
  const went: Partial<AttemptRow> = {
    ...{ provider, upstream, served_model: model, endpoint_id: `${provider} ${upstream}` },
    ...{ duration_ms: duration, ttft_ms: isEmbedding ? null : first },
  };
  const shared = {
    ...common,
    duration_ms: duration,
    stream,
    endpoint: isEmbedding ? "embeddings" : "chat",
  } as const;
  const tried = attempt({
    ...went,
    outcome: "server",
    status: 500,
    usage: noUsage,
    cost_usd: null,
    ttft_ms: null,
  });
  const nobody = {
    served_model: null,
    provider: null,
    upstream: null,
    ttft_ms: null,
    cost_usd: null,
    usage: noUsage,
  };
  return isFailed
    ? request({
        ...shared,
        ...nobody,
        outcome: "error",
        status: 502,
        code: "upstream_error",
        attempts: [tried],
      })
    : request({
        ...{ ...shared, served_model: model, provider, upstream, ttft_ms: isEmbedding ? null : first, usage },
        ...{ cost_usd: cost, attempts: [attempt({ ...went, usage, cost_usd: cost })] },
      });
}
