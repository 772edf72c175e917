import type { DurationMs, Share } from "../core/units.ts";
import type { Claim } from "../domain/limits.ts";
import type { Objection } from "../domain/route.ts";
import type { ClientKey, Target } from "../domain/snapshot.ts";
import { ceilingTokens, estimateTokens } from "../limits/estimate.ts";
import { memberClaims, pathClaims, requestClaims, type Size } from "./claims.ts";
import { estimateUsd } from "./facts.ts";
import { fill } from "./identity.ts";
import {
  againstClaims,
  againstDoor,
  againstRetry,
  againstTarget,
  type Because,
  liftsByWaiting,
} from "./objections.ts";
import { effectiveMaxTokens } from "./params.ts";
import { type Door, type Path, pathOf } from "./path.ts";
import type { Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";

/** One target as it stands now: by which credential it may serve, or why it may not. */
export interface Candidate {
  readonly target: Target;
  readonly path: Path;
  readonly size: Size;
  /** The claims of the path, the credential's left out. */
  readonly claims: readonly Claim[];
  /** Null: nothing may serve. */
  readonly choice: Choice | null;
  /** Each credential, and what speaks against it alone. */
  readonly ways: readonly Way[];
  /** What could serve if circuits were ignored. */
  readonly behindCircuit: Choice | null;
  readonly objections: readonly Objection[];
  /** How long until limits and cooldowns alone would let it serve; null: waiting does not help. */
  readonly liftsAfterMs: DurationMs | null;
}

/** A credential and what using it means. */
export interface Choice extends Door {
  readonly claims: readonly Claim[];
  readonly isProbe: boolean;
}

/** Looks at one target of a model. Credentials in `tried` failed in this very request. */
export function candidateOf(
  scene: Scene,
  node: Named,
  target: Target,
  tried: ReadonlySet<string>,
): Candidate {
  const path = pathOf(scene.snapshot, node.model, target, fill(target.model, node.capture));
  const size = sizeOf(scene, node, target, path);
  const claims = pathClaims(target, path, size);
  if (scene.history.length === 0) claims.unshift(...requestClaims(scene.request, size));
  const broad = [
    ...againstTarget(scene, target, path, size.ceiling),
    ...againstClaims(scene, claims),
    ...againstRetry(scene, target),
  ];
  const ways = path.doors.map((door) => wayOf(scene, target, door, size, tried));
  const free = ways.filter(({ against }) => against.length === 0);
  const able = broad.length === 0;
  const because = free.length > 0 ? broad : [...broad, ...ways.flatMap(({ against }) => against)];
  return {
    target,
    path,
    size,
    claims,
    choice: able ? mostRoom(scene, free) : null,
    ways,
    behindCircuit: able && free.length === 0 ? mostRoom(scene, ways.filter(isOnlyOpen)) : null,
    objections: because.map((one) => about(one, node, target, path)),
    liftsAfterMs: because.length === 0 ? null : liftsAfter(broad, ways),
  };
}

/** One credential and what speaks against it. */
export interface Way {
  readonly choice: Choice;
  readonly against: readonly Because[];
}

function wayOf(scene: Scene, target: Target, door: Door, size: Size, tried: ReadonlySet<string>): Way {
  const claims = memberClaims(target, door.member, size);
  const circuit = scene.state.circuit(door.endpointId, scene.now);
  const against = [
    ...againstDoor(scene, target, door, circuit, tried.has(door.credentialId)),
    ...againstClaims(scene, claims),
  ];
  return { choice: { ...door, claims, isProbe: circuit === "probe" }, against };
}

const isOnlyOpen = ({ against }: Way): boolean => against.every(({ code }) => code === "circuit_open");

/** Pools rotate by headroom; credentials with the same room share the load by chance. */
function mostRoom(scene: Scene, ways: readonly Way[]): Choice | null {
  if (ways.length <= 1) return ways[0]?.choice ?? null;
  const from = Math.floor(scene.request.chance * ways.length);
  const rotated = [...ways.slice(from), ...ways.slice(0, from)];
  return rotated.reduce((best, way) => (roomOf(scene, way) > roomOf(scene, best) ? way : best)).choice;
}

/** What is left of the tightest of a credential's own limits; 1 where it has none. */
export const roomOf = ({ state, now }: Omit<Scene, "asked">, { choice }: Way): Share =>
  Math.min(1, ...choice.claims.map((claim) => state.headroom(claim, now)));

function sizeOf({ request, state, asked }: Scene, node: Named, target: Target, path: Path): Size {
  const { textBytes, n } = request;
  const bound = effectiveMaxTokens(asked, node.model, target, request.maxTokens);
  const maxTokens = request.endpoint === "embeddings" ? 0 : bound;
  const bounds = { textBytes, maxTokens, n };
  const { learnedName } = path;
  const tokensPerByte = state.tokensPerByte(learnedName);
  const tokens = estimateTokens(bounds, tokensPerByte, state.meanAnswer(learnedName));
  const usd = hasBudget(request.key) ? estimateUsd(path.price, textBytes * tokensPerByte, tokens) : 0;
  return { tokens, ceiling: ceilingTokens(bounds), usd };
}

const hasBudget = (key: ClientKey | null): boolean =>
  key !== null && (key.budgets.length > 0 || (key.team?.budgets.length ?? 0) > 0);

const about = (because: Because, node: Named, target: Target, path: Path): Objection => ({
  ...because,
  model: node.model.name,
  provider: target.provider.name,
  upstream: path.upstream,
});

function liftsAfter(broad: readonly Because[], ways: readonly Way[]): DurationMs | null {
  if (!broad.every(liftsByWaiting)) return null;
  const waits = ways
    .filter(({ against }) => against.every(liftsByWaiting))
    .map(({ against }) => longest(against));
  return waits.length === 0 ? null : Math.max(longest(broad), Math.min(...waits));
}

const longest = (objections: readonly Because[]): DurationMs =>
  objections.reduce((most, objection) => Math.max(most, objection.waitMs ?? 0), 0);
