import type { Rollout } from "../../../src/domain/snapshot.ts";
import { ArmFigures, type Ended } from "../../../src/rollout/canary/figures.ts";
import { judge, type Verdict } from "../../../src/rollout/canary/verdict.ts";

/** What a routes.yaml with an empty `rollout:` says. */
export const rules: Rollout = {
  canary: 0.1,
  forMs: 300_000,
  minRequests: 200,
  maxErrorIncrease: 0.02,
  maxP95Increase: 0.5,
  maxCostIncrease: 0.3,
  onInconclusive: "promote",
};

/** A request that was answered, with whatever a test wants to be different. */
export const ended = (different: Partial<Ended> = {}): Ended => ({
  key_id: "web-app",
  user_hash: null,
  outcome: "ok",
  status: 200,
  code: null,
  ttft_ms: 400,
  cost_usd: 0.01,
  attempts: [],
  ...different,
});

/** Numbers from 0 to 1, the same for a seed. Mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Chance = () => number;

const normal = (chance: Chance): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());

/** How many of the events that come at a mean rate come now. */
function poisson(chance: Chance, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(chance)));
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = chance(); product > floor; product *= chance()) count += 1;
  return count;
}

/** Who calls, and how. */
export interface Traffic {
  readonly perSecond: number;
  /** Null: nobody can be told apart, every request is drawn for itself. */
  readonly clients: number | null;
  /** How much clients differ in how often they ask, how long they wait and what they cost: of the logarithm. 0: alike. */
  readonly spread: number;
  readonly errorRate: number;
  /** Clients that are over a limit, all the time. */
  readonly throttled: number;
  /** Clients whose every request fails, whichever arm they are in. */
  readonly failing?: number;
}

/** What the new configuration does to those that have it. */
export interface Effect {
  /** Of its requests, that fail on top. */
  readonly errors: number;
  /** Times as long, times as dear. */
  readonly slower: number;
  readonly dearer: number;
  /** Of its clients, that are refused. */
  readonly refused: number;
}

/** Nothing at all. */
export const none: Effect = { errors: 0, slower: 1, dearer: 1, refused: 0 };

interface Client {
  readonly isInCanary: boolean;
  readonly key_id: string | null;
  readonly user_hash: string | null;
  readonly ttftMs: number;
  readonly costUsd: number;
  readonly refusedRate: number;
  readonly errorRate: number;
  /** The weights of all clients up to this one. */
  readonly upTo: number;
}

function clientsOf(traffic: Traffic, effect: Effect, chance: Chance): readonly Client[] {
  let upTo = 0;
  return Array.from({ length: traffic.clients ?? 1 }, (_, index): Client => {
    upTo += Math.exp(traffic.spread * normal(chance));
    const isInCanary = chance() < rules.canary;
    const isRefused = isInCanary && chance() < effect.refused;
    return {
      isInCanary,
      key_id: traffic.clients === null ? null : "web-app",
      user_hash: traffic.clients === null ? null : `user-${index}`,
      ttftMs: 400 * Math.exp(traffic.spread * normal(chance)),
      costUsd: 0.01 * Math.exp(traffic.spread * normal(chance)),
      refusedRate: isRefused || index < traffic.throttled ? 0.6 : 0,
      errorRate: index < (traffic.failing ?? 0) ? 1 : traffic.errorRate,
      upTo,
    };
  });
}

/** The client that `at`, from 0 to the sum of the weights, falls on. */
function pick(clients: readonly Client[], at: number): Client | undefined {
  let low = 0;
  let high = clients.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((clients[middle]?.upTo ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return clients[low];
}

/** Lets one canary run to its verdict, looked at each second. */
export function run(
  traffic: Traffic,
  effect: Effect,
  chance: Chance,
  more: Partial<Rollout> = {},
): { readonly verdict: Verdict; readonly afterMs: number } {
  const own = { ...rules, ...more };
  const clients = clientsOf(traffic, effect, chance);
  const weight = clients.at(-1)?.upTo ?? 0;
  const stable = new ArmFigures();
  const canary = new ArmFigures();
  for (let afterMs = 1_000; ; afterMs += 1_000) {
    for (let left = poisson(chance, traffic.perSecond); left > 0; left -= 1) {
      const client = pick(clients, chance() * weight);
      if (client === undefined) continue;
      const isInCanary = traffic.clients === null ? chance() < own.canary : client.isInCanary;
      (isInCanary ? canary : stable).observe(
        requestOf(client, isInCanary ? effect : none, chance),
        () => false,
      );
    }
    const verdict = judge(stable, canary, own, afterMs);
    if (verdict.kind !== "go_on") return { verdict, afterMs };
  }
}

function requestOf(client: Client, effect: Effect, chance: Chance): Ended {
  const { key_id, user_hash, errorRate } = client;
  const isRefused = chance() < client.refusedRate;
  const isError = !isRefused && (chance() < errorRate || chance() < effect.errors);
  const isServed = !isRefused && !isError;
  return {
    key_id,
    user_hash,
    outcome: isRefused ? "refused" : isError ? "error" : "ok",
    status: isRefused ? 429 : isError ? 502 : 200,
    code: isRefused ? "rate_limit_exceeded" : isError ? "upstream_error" : null,
    ttft_ms: isServed ? client.ttftMs * effect.slower * Math.exp(0.6 * normal(chance)) : null,
    cost_usd: isServed ? client.costUsd * effect.dearer * Math.exp(0.8 * normal(chance)) : null,
    attempts: [],
  };
}
