import type { EpochMs } from "../core/units.ts";
import { type FailureKind, failure } from "../domain/failure.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { RouteRequest } from "../domain/route.ts";
import type { ClientKey, Snapshot } from "../domain/snapshot.ts";
import { noUsage, type Usage } from "../domain/usage.ts";
import { endpointFor } from "../routing/aims.ts";
import { lookUp } from "../routing/resolve.ts";
import { VirtualClock } from "./clock.ts";
import { callable, nameOf } from "./names.ts";
import { type Ran, runAlone, type Scripted } from "./run.ts";
import { worldOf } from "./world.ts";

/** When a simulation begins, unless it says so: the same moment every time, so that no result changes by itself. */
export const standardMoment: EpochMs = Date.UTC(2026, 0, 1);

/** One cell of the matrix: who answers for a model while one provider, or none, is down. */
export interface Outage {
  /** The public model; a pattern as it is written. */
  readonly model: string;
  /** The provider that fails every attempt; null: all is well. */
  readonly outage: string | null;
  /** Null when nobody answers. `served` is the public model that did: `model`, or one of its fallbacks. */
  readonly answer: {
    readonly provider: string;
    readonly upstream: string;
    readonly served: string;
    /** How many attempts it took. */
    readonly attempts: number;
  } | null;
  /** Why nobody answers; null when somebody does. */
  readonly refusal: Refusal | null;
}

/** What the matrix is made for; each cell is one request to a fresh gateway. */
export interface OutageOptions {
  /** The models to ask, patterns as they are written; default: all that clients can ask for. */
  readonly models?: readonly string[];
  /** Whose outages; default: every provider of the file. */
  readonly providers?: readonly string[];
  /** Who asks; default: someone whom no key rule restricts. */
  readonly key?: ClientKey | null;
  /** How a provider that is down fails; default `server`. */
  readonly kind?: FailureKind;
  readonly at?: EpochMs;
}

/** Every model × every single-provider outage, the row without an outage first. Nothing but the snapshot decides. */
export async function outages(snapshot: Snapshot, options: OutageOptions = {}): Promise<readonly Outage[]> {
  const { at = standardMoment, providers = [...snapshot.providers.keys()] } = options;
  const wanted = options.models === undefined ? null : new Set(options.models);
  const found: Outage[] = [];
  for (const model of callable(snapshot, at)) {
    if (wanted !== null && !wanted.has(model.name)) continue;
    const name = nameOf(snapshot, model);
    if (name === null) continue;
    const well = await ask(snapshot, name, null, options);
    const asked = new Set(well.tried.map(({ decision }) => decision.target.provider.name));
    found.push(cell(model.name, null, well));
    for (const provider of providers) {
      // Whoever was not asked is not missed.
      const ran = asked.has(provider) ? await ask(snapshot, name, provider, options) : well;
      found.push(cell(model.name, provider, ran));
    }
  }
  return found;
}

/** What becomes of one request while `down` fails. */
function ask(
  snapshot: Snapshot,
  name: string,
  down: string | null,
  { key = null, kind = "server", at = standardMoment }: OutageOptions,
): Promise<Ran> {
  const failed: Scripted = { kind: "failed", latencyMs: 0, failure: failure(kind, "scripted") };
  const world = worldOf(snapshot, { clock: new VirtualClock(at) });
  const request = requestFor(snapshot, name, at, key);
  return runAlone(world, request, ({ target }) => (target.provider.name === down ? failed : answered));
}

/** A small request that nothing is special about. */
export function requestFor(
  snapshot: Snapshot,
  name: string,
  at: EpochMs,
  key: ClientKey | null = null,
): RouteRequest {
  const named = lookUp(snapshot, name);
  return {
    model: name,
    endpoint: named === null ? "chat" : endpointFor(named),
    stream: false,
    key,
    textBytes: 40,
    maxTokens: null,
    n: 1,
    chance: 0.5,
    stickyChance: { key: 0.5, user: 0.5 },
    arrivedAt: at,
  };
}

const usage: Usage = { ...noUsage, prompt: 10, completion: 10, total: 20 };
const answered: Scripted = { kind: "ok", ttftMs: 0, latencyMs: 0, usage, broken: null };

function cell(model: string, outage: string | null, ran: Ran): Outage {
  if (!ran.ok) return { model, outage, answer: null, refusal: ran.refusal };
  const { target, upstream, serving } = ran.decision;
  const answer = {
    provider: target.provider.name,
    upstream,
    served: serving.name,
    attempts: ran.tried.length,
  };
  return { model, outage, answer, refusal: null };
}
