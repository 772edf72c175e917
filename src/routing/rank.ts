import type { Share, Usd } from "../core/units.ts";
import type { Model } from "../domain/snapshot.ts";
import { noUsage } from "../domain/usage.ts";
import { type Candidate, type Choice, candidateOf } from "./candidates.ts";
import { costOf } from "./facts.ts";
import { lookUp, mayUse, type Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";
import { orderings, type Rankable } from "./strategies.ts";

/** A model's candidates in the order of its strategy. */
export function ranked(scene: Scene, model: Model, candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length === 1 || model.strategy === "priority") return candidates;
  const items = candidates.map((candidate) => ({ ...measures(scene, candidate), candidate }));
  return orderings[model.strategy](items, chanceFor(scene, model)).map((item) => item.candidate);
}

/** The models of `auto` that the key may use, best first; those that nothing can serve now come last. */
export function rankedAuto(scene: Omit<Scene, "asked">): readonly Named[] {
  const { auto } = scene.snapshot;
  if (auto === null) return [];
  const order = orderings[auto.strategy](standings(scene), scene.request.chance);
  return [...order.filter((item) => item.able), ...order.filter((item) => !item.able)].map(
    (item) => item.node,
  );
}

/** A model behind `auto`, and how it stands. */
export interface Standing extends Rankable {
  readonly node: Named;
  /** Whether anything of it can serve now. */
  readonly able: boolean;
}

/** The models of `auto` that the key may use, as they stand now, in file order. */
export function standings(scene: Omit<Scene, "asked">): readonly Standing[] {
  const nodes = (scene.snapshot.auto?.models ?? [])
    .map((name) => ({ name, node: lookUp(scene.snapshot, name) }))
    .flatMap(({ name, node }) =>
      node?.model.enabled && mayUse(scene.request.key, [name, node.model.name, "auto"]) ? [node] : [],
    );
  return nodes.map((node) => {
    const own = { ...scene, asked: node.model };
    const candidates = node.model.targets.map((target) => candidateOf(own, node, target, new Set()));
    const able = candidates.filter((candidate) => candidate.choice !== null);
    const all = able.map((candidate) => measures(own, candidate));
    return { node, able: able.length > 0, ...best(all) };
  });
}

/** A model is as good as its best target. */
function best(all: readonly Rankable[]): Rankable {
  const least = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : Math.min(...known);
  };
  return {
    weight: 1,
    headroom: () => Math.max(0, ...all.map((item) => item.headroom())),
    latencyMs: () => least(all.map((item) => item.latencyMs())),
    price: () => least(all.map((item) => item.price())),
  };
}

/** What strategies may know of a candidate. */
export function measures(scene: Scene, candidate: Candidate): Rankable {
  const { state, now } = scene;
  const choice = candidate.choice ?? candidate.behindCircuit;
  return {
    weight: candidate.target.weight,
    headroom: () => tightest(scene, candidate, choice),
    latencyMs: () => (choice === null ? null : state.latency(choice.endpointId, now)),
    price: () => priceOf(scene, candidate),
  };
}

function tightest(scene: Scene, candidate: Candidate, choice: Choice | null): Share {
  const path = candidate.claims.filter((claim) => claim.scope !== "key" && claim.scope !== "team");
  const claims = [...path, ...(choice?.claims ?? [])].filter((claim) => claim.rule.limit !== "tpr");
  return claims.reduce((least, claim) => Math.min(least, scene.state.headroom(claim, scene.now)), 1);
}

function priceOf({ request, state }: Scene, { path, size }: Candidate): Usd | null {
  const prompt = request.textBytes * state.tokensPerByte(path.learnedName);
  const completion = Math.max(0, size.tokens - prompt);
  return costOf(path.price, { ...noUsage, prompt, completion });
}

/** The chance by which a model's targets are drawn. */
export function chanceFor(scene: Scene, model: Model): Share {
  const { chance, stickyChance } = scene.request;
  return model.stickTo === "request" ? chance : stickyChance[model.stickTo];
}
