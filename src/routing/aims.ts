import { err, ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { Endpoint } from "../domain/endpoint.ts";
import { perRequest } from "../domain/limits.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Objection, RouteRequest, State, Try } from "../domain/route.ts";
import type { ClientKey, Snapshot, Target } from "../domain/snapshot.ts";
import { adapterOf } from "../providers/registry.ts";
import { candidateOf } from "./candidates.ts";
import { fact } from "./facts.ts";
import { fill } from "./identity.ts";
import { attempt, isAuto, nothingToUse, startOf } from "./plan.ts";
import { limited } from "./refusals.ts";
import { lookUp, type Named } from "./resolve.ts";

/** One target of a model, to be tried by itself. */
export interface Aim {
  readonly node: Named;
  readonly target: Target;
  /** The upstream model, a pattern's `*` filled in. */
  readonly upstream: string;
}

/** Why a target is not tried. */
export interface Miss {
  readonly kind: "miss";
  readonly objections: readonly Objection[];
}

/** Every target of what a client names, its fallbacks left out; or why the client is refused. */
export function aimsFor(
  snapshot: Snapshot,
  request: RouteRequest,
  state: State,
  now: EpochMs,
): Result<readonly Aim[], Refusal> {
  const start = startOf(snapshot, request, [], state, now);
  if ("kind" in start) return err(start.refusal);
  return start.length === 0 ? err(nothingToUse().refusal) : ok(start.flatMap(aimsAt));
}

/** Every target of a model. */
export const aimsAt = (node: Named): readonly Aim[] =>
  node.model.targets.map((target) => ({ node, target, upstream: fill(target.model, node.capture) }));

/** Every target behind a name of the file, whoever may use it: a model, an alias, `auto`; null when nothing bears the name. */
export function aimsBehind(snapshot: Snapshot, name: string): readonly Aim[] | null {
  if (isAuto(snapshot, name))
    return (snapshot.auto?.models ?? []).flatMap((each) => aimsBehind(snapshot, each) ?? []);
  const node = lookUp(snapshot, name);
  return node === null ? null : aimsAt(node);
}

/** What a target stands for at this moment: the attempt to make, or what speaks against it. An open circuit does not. */
export function aimed(
  snapshot: Snapshot,
  request: RouteRequest,
  { node, target }: Aim,
  state: State,
  now: EpochMs,
): Try | Miss {
  const scene = { snapshot, request, history: [], state, now, asked: node.model };
  const candidate = candidateOf(scene, node, target, new Set());
  const choice = candidate.choice ?? candidate.behindCircuit;
  if (choice === null) return { kind: "miss", objections: candidate.objections };
  return attempt(scene, { node, candidate, choice, waitMs: 0 }, []);
}

/** The refusal of a client whose own key or team has no room; null where that is not what keeps it out. */
export function overOwnLimit({ node }: Aim, { objections }: Miss): Refusal | null {
  const own = objections.filter(({ claim }) => claim !== null && perRequest(claim));
  return own.length === 0
    ? null
    : limited(node.model, Math.max(...own.map(({ waitMs }) => waitMs ?? 0)), own);
}

/** The same request by a key without limits and budgets: what it takes from key and team was taken already. */
export const alreadyCounted = (request: RouteRequest): RouteRequest =>
  request.key === null ? request : { ...request, key: freed(request.key) };

function freed(key: ClientKey): ClientKey {
  const free = { limits: [], budgets: [] };
  return { ...key, ...free, team: key.team === null ? null : { ...key.team, ...free } };
}

/** Names that embedding models go by. */
const embedding = /embed|(^|[/:_-])(bge|gte|e5|voyage|minilm)([.:_-]|$)/i;

/**
 * What a model is for, as far as the file tells. To ask an embedding model for a chat would be no test of it, and some
 * providers refuse that in the words for a bad credential.
 */
export const endpointFor = ({ model, capture }: Named): Endpoint =>
  model.targets.some((target) => embeds(target, fill(target.model, capture))) ? "embeddings" : "chat";

function embeds({ provider }: Target, upstream: string): boolean {
  if (embedding.test(upstream)) return true;
  const price = fact(provider, upstream, "price")?.value;
  if (price !== undefined && price.input > 0 && price.output === 0) return true;
  const adapter = adapterOf(provider.kind);
  return adapter.serves("chat", provider) === false && adapter.serves("embeddings", provider);
}
