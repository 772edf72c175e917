import type { Share } from "../../core/units.ts";
import type { Cluster } from "./clusters.ts";

/** What was drawn into one of the arms as a whole. */
export interface Drawn {
  readonly isInCanary: boolean;
  /** The probability that it gets into the canary's arm. */
  readonly share: Share;
  /** How much more of something it has than its requests would have on average; below zero, how much less. */
  readonly excess: number;
}

/** The clusters of both arms. */
export interface Arms {
  readonly stable: Iterable<Cluster>;
  readonly canary: Iterable<Cluster>;
}

/** What is counted, and what it is a share of. */
export interface Measure {
  readonly amount: (cluster: Cluster) => number;
  readonly base: (cluster: Cluster) => number;
}

/**
 * The most likely it can be that drawing the arms once more, and nothing else, gives the canary's arm as much as it has.
 * A client stays in one arm, so a single dear, slow or throttled one is chance, however many requests it makes.
 * Chernoff's bound, so no assumption on how clients differ. https://en.wikipedia.org/wiki/Chernoff_bound
 */
export function chanceOfDraw(drawn: readonly Drawn[]): number {
  let variance = 0;
  let ahead = 0;
  for (const { isInCanary, share, excess } of drawn) {
    variance += share * (1 - share) * excess ** 2;
    ahead += (Number(isInCanary) - share) * excess;
  }
  if (variance <= 0 || ahead <= 0) return 1;
  const spread = Math.sqrt(variance);
  let least = 0;
  for (const tilt of tilts) {
    const next = exponent(drawn, tilt / spread);
    // Convex: once it rises, it only rises.
    if (next >= least) break;
    least = next;
  }
  return Math.exp(least);
}

/** Any of them gives a bound, the best one is near the number of standard deviations. */
const tilts = Array.from({ length: 25 }, (_, rung) => 0.5 * 1.35 ** rung);

/** The logarithm of the mean of e^(tilt × (what the arm might have − what it has)). */
function exponent(drawn: readonly Drawn[], tilt: number): number {
  let sum = 0;
  for (const { isInCanary, share, excess } of drawn) {
    const x = tilt * excess;
    // The larger power is taken out, so that nothing overflows.
    sum +=
      x > 0 ? x + Math.log(share + (1 - share) * Math.exp(-x)) : Math.log(1 - share + share * Math.exp(x));
    if (isInCanary) sum -= x;
  }
  return sum;
}

/**
 * What was drawn: clients. One that is in both arms stands for several that nobody can tell apart, such as the end users
 * of a key; its parts count each for itself, drawn as often as is seen.
 */
export function drawnOf(arms: Arms, share: Share, measure: Measure): readonly Drawn[] {
  const stable = byClient(arms.stable, measure);
  const canary = byClient(arms.canary, measure);
  const mean = ratioOf([...stable.values(), ...canary.values()].flat());
  return [...new Set([...stable.keys(), ...canary.keys()])].flatMap((client) => {
    const there = stable.get(client) ?? [];
    const here = canary.get(client) ?? [];
    const seen = baseOf(here) / (baseOf(here) + baseOf(there));
    const drawn = (isInCanary: boolean, of: readonly Part[], chance = seen): Drawn => ({
      isInCanary,
      share: chance,
      excess: excessOf(of, mean),
    });
    if (seen > 1 - fewest) return [drawn(true, here, share)];
    if (seen < fewest) return [drawn(false, there, share)];
    return [...here.map((part) => drawn(true, [part])), ...there.map((part) => drawn(false, [part]))];
  });
}

/** A client has less than this in the other arm when requests that it had begun before the canary did ended there. */
export const fewest: Share = 0.02;

interface Part {
  readonly amount: number;
  readonly base: number;
}

function byClient(
  clusters: Iterable<Cluster>,
  { amount, base }: Measure,
): ReadonlyMap<string, readonly Part[]> {
  const clients = new Map<string, Part[]>();
  for (const cluster of clusters) {
    const part = { amount: amount(cluster), base: base(cluster) };
    if (part.base === 0) continue;
    const parts = clients.get(cluster.client);
    if (parts === undefined) clients.set(cluster.client, [part]);
    else parts.push(part);
  }
  return clients;
}

const baseOf = (parts: readonly Part[]): number => parts.reduce((sum, { base }) => sum + base, 0);
const amountOf = (parts: readonly Part[]): number => parts.reduce((sum, { amount }) => sum + amount, 0);
const ratioOf = (parts: readonly Part[]): number =>
  parts.length === 0 ? 0 : amountOf(parts) / baseOf(parts);
const excessOf = (parts: readonly Part[], mean: number): number => amountOf(parts) - mean * baseOf(parts);
