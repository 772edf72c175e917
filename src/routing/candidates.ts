import type { DurationMs } from "../core/units.ts";
import type { Claim } from "../domain/limits.ts";
import type { Objection } from "../domain/route.ts";
import type { PoolMember, Target } from "../domain/snapshot.ts";
import { estimateTokens } from "../limits/estimate.ts";
import { ceilingOf, memberClaims, pathClaims, requestClaims, type Size } from "./claims.ts";
import { credentialId, endpointId, fill, upstreamName } from "./identity.ts";
import { againstClaims, againstMember, againstTarget, type Because, liftsByWaiting } from "./objections.ts";
import { effectiveMaxTokens } from "./params.ts";
import type { Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";

/** One target as it stands now: by which credential it may serve, or why it may not. */
export interface Candidate {
  readonly target: Target;
  readonly upstream: string;
  readonly size: Size;
  /** The claims of the path, the credential's left out. */
  readonly claims: readonly Claim[];
  /** Null: nothing may serve. */
  readonly choice: Choice | null;
  /** What could serve if circuits were ignored. */
  readonly behindCircuit: Choice | null;
  readonly objections: readonly Objection[];
  /** How long until limits and cooldowns alone would let it serve; null: waiting does not help. */
  readonly liftsAfterMs: DurationMs | null;
}

/** A credential and what using it means. */
export interface Choice {
  readonly member: PoolMember | null;
  readonly endpointId: string;
  readonly credentialId: string;
  readonly claims: readonly Claim[];
  readonly isProbe: boolean;
}

/** Looks at every target of a model, in file order. Credentials in `tried` failed in this very request. */
export const candidatesOf = (scene: Scene, node: Named, tried: ReadonlySet<string>): readonly Candidate[] =>
  node.model.targets.map((target) => candidate(scene, node, target, tried));

function candidate(scene: Scene, node: Named, target: Target, tried: ReadonlySet<string>): Candidate {
  const upstream = fill(target.model, node.capture);
  const size = sizeOf(scene, node, target, upstream);
  const first = scene.history.length === 0;
  const claims = [
    ...(first ? requestClaims(scene.request, size) : []),
    ...pathClaims(node.model, target, upstream, size),
  ];
  const broad = [
    ...againstTarget(scene, node.model, target, upstream, size.ceiling),
    ...againstClaims(scene, claims),
    ...againstRetry(scene, target),
  ];
  const members = againstMembers(scene, target, upstream, size, tried);
  const free = members.filter((entry) => entry.against.length === 0);
  const blocked = broad.length > 0;
  const narrow = free.length > 0 ? [] : members.flatMap((entry) => entry.against);
  return {
    target,
    upstream,
    size,
    claims,
    choice: blocked ? null : mostRoom(scene, free),
    behindCircuit: blocked
      ? null
      : mostRoom(
          scene,
          members.filter((entry) => entry.against.every((because) => because.code === "circuit_open")),
        ),
    objections: [...broad, ...narrow].map((because) => ({
      ...because,
      model: node.model.name,
      provider: target.provider.name,
      upstream,
    })),
    liftsAfterMs: liftsAfter(
      broad,
      members.map((entry) => entry.against),
    ),
  };
}

interface Member {
  readonly choice: Choice;
  readonly against: readonly Because[];
}

function againstMembers(
  scene: Scene,
  target: Target,
  upstream: string,
  size: Size,
  tried: ReadonlySet<string>,
): readonly Member[] {
  const pool: readonly (PoolMember | null)[] =
    target.provider.pool.length === 0 ? [null] : target.provider.pool;
  return pool.map((member) => {
    const credential = credentialId(target.provider, member);
    const endpoint = endpointId(target.provider, member, upstream);
    const claims = memberClaims(target, member, size);
    const circuit = scene.state.circuit(endpoint, scene.now);
    const against: Because[] = [
      ...againstMember(scene, target, member, credential),
      ...againstClaims(scene, claims),
    ];
    if (against.length === 0 && tried.has(credential)) {
      against.push({
        code: "credential_refused",
        says: "failed in this request",
        at: target.at,
        waitMs: null,
        claim: null,
      });
    }
    if (circuit === "open") {
      against.push({
        code: "circuit_open",
        says: "the circuit is open",
        at: target.at,
        waitMs: null,
        claim: null,
      });
    }
    return {
      choice: {
        member,
        endpointId: endpoint,
        credentialId: credential,
        claims,
        isProbe: circuit === "probe",
      },
      against,
    };
  });
}

/** Retries and failovers into a provider have a budget, so that an outage is not made worse. */
function againstRetry(scene: Scene, target: Target): readonly Because[] {
  if (scene.history.length === 0 || scene.state.mayRetry(target.provider.name, scene.now)) return [];
  const says = `the retry budget of provider ${target.provider.name} is spent`;
  return [{ code: "retry_budget", says, at: target.at, waitMs: null, claim: null }];
}

/** Pools rotate by headroom; credentials with the same room share the load by chance. */
function mostRoom(scene: Scene, members: readonly Member[]): Choice | null {
  if (members.length <= 1) return members[0]?.choice ?? null;
  const from = Math.floor(scene.request.chance * members.length);
  const rotated = [...members.slice(from), ...members.slice(0, from)];
  const room = (member: Member) =>
    Math.min(1, ...member.choice.claims.map((claim) => scene.state.headroom(claim, scene.now)));
  return rotated.reduce((best, member) => (room(member) > room(best) ? member : best)).choice;
}

function sizeOf(scene: Scene, node: Named, target: Target, upstream: string): Size {
  const { request, state, asked } = scene;
  const name = upstreamName(target.provider, upstream);
  const maxTokens = effectiveMaxTokens(asked, node.model, target, request.maxTokens);
  const answer = request.endpoint === "embeddings" ? 0 : maxTokens;
  return {
    tokens: estimateTokens(
      { textBytes: request.textBytes, maxTokens: answer, n: request.n },
      state.tokensPerByte(name),
      state.meanAnswer(name),
    ),
    ceiling: ceilingOf(request, maxTokens),
  };
}

function liftsAfter(broad: readonly Because[], members: readonly (readonly Because[])[]): DurationMs | null {
  if (!broad.every(liftsByWaiting)) return null;
  const waits = members.filter((against) => against.every(liftsByWaiting)).map(longest);
  return waits.length === 0 ? null : Math.max(longest(broad), Math.min(...waits));
}

const longest = (objections: readonly Because[]): DurationMs =>
  objections.reduce((most, objection) => Math.max(most, objection.waitMs ?? 0), 0);
