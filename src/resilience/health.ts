import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Failure } from "../domain/failure.ts";
import type { SetAside } from "../domain/route.ts";
import type { Breaker } from "../domain/snapshot.ts";
import { type Average, averageAt, sampled } from "./averages.ts";
import { type AttemptEnd, after, type Circuit, circuitAt, circuitState, closedCircuit } from "./breaker.ts";
import {
  afterAccepted,
  afterLimited,
  afterRefused,
  type Cooldown,
  inUse,
  lasting,
  probing,
  setAsideAt,
  unprobed,
  wantsProbe,
} from "./cooldown.ts";
import { Recent } from "./recent.ts";
import { RetryBudget } from "./retry_budget.ts";
import { type Verdict, verdictOf } from "./verdicts.ts";

/** Endpoints, credentials and providers remembered, each; the ones unused for longest are forgotten. */
const capacity = 4_096;

/** What an attempt is, as far as health goes; all of it is in a `Try` but the fingerprint. */
export interface AttemptFacts {
  readonly endpointId: string;
  readonly credentialId: string;
  readonly provider: string;
  readonly upstream: string;
  /** Whether a credential of the file went along; without one a refusal counts for the circuit. */
  readonly isKeyed: boolean;
  /** A retry or a failover. */
  readonly isRetry: boolean;
  /** The asked model's policy. */
  readonly breaker: Breaker;
  /** Stands for the credential's value, opaque and never the value; null when not known. */
  readonly fingerprint: string | null;
}

/** An attempt under way. It ends with one of `succeed`, `fail` and `cancel`; whatever comes after that is ignored. */
export interface Started extends AttemptFacts {
  readonly startedAt: EpochMs;
  /** Whether it is the one attempt that decides about a half-open circuit. */
  readonly isProbe: boolean;
}

/** One endpoint, for /health and the metrics. */
export interface EndpointHealth {
  readonly endpointId: string;
  readonly provider: string;
  readonly upstream: string;
  readonly circuit: "closed" | "open" | "half_open";
  /** Average time to first output; null without a sample in 5 minutes. */
  readonly latencyMs: DurationMs | null;
}

/** What is worth keeping over a restart. */
export interface SavedHealth {
  readonly averages: readonly (Average & Pick<EndpointHealth, "endpointId" | "provider" | "upstream">)[];
  readonly cooldowns: readonly (Cooldown & { readonly credentialId: string })[];
}

interface Endpoint {
  readonly provider: string;
  readonly upstream: string;
  readonly circuit: Circuit;
  readonly average: Average | null;
}

/** How endpoints, credentials and providers have been doing. Keyed by what was observed, so that it outlives reloads. */
export class Health {
  readonly #endpoints = new Recent<Endpoint>(capacity);
  readonly #cooldowns = new Recent<Cooldown>(capacity);
  readonly #budgets = new Recent<RetryBudget>(capacity);
  readonly #open = new WeakSet<Started>();

  /** Counts an attempt against the retry budget and takes the place of the probe, where one is due. */
  begin(facts: AttemptFacts, now: EpochMs): Started {
    const budget = this.#budgets.get(facts.provider) ?? new RetryBudget();
    budget.count(facts.isRetry, now);
    this.#budgets.set(facts.provider, budget);

    const endpoint = this.#endpoint(facts);
    const cooldown = this.#cooldowns.get(facts.credentialId) ?? inUse;
    const started: Started = {
      ...facts,
      startedAt: now,
      isProbe: circuitAt(endpoint.circuit, now) === "probe",
    };
    this.#endpoints.set(facts.endpointId, {
      ...endpoint,
      circuit: after(endpoint.circuit, { kind: "begun" }, now),
    });
    if (wantsProbe(cooldown, facts.fingerprint, now))
      this.#cooldowns.set(facts.credentialId, probing(cooldown, now));
    this.#open.add(started);
    return started;
  }

  /** The attempt's first output, `ttftMs` after its start. What a probe was to find out is known now; it goes on. */
  output(started: Started, ttftMs: DurationMs, now: EpochMs): void {
    if (!this.#open.has(started)) return;
    const endpoint = this.#endpoint(started);
    this.#endpoints.set(started.endpointId, { ...endpoint, average: sampled(endpoint.average, ttftMs, now) });
    if (started.isProbe) this.#settle(started, "succeeded", now);
    this.#accepted(started);
  }

  /** A complete answer. */
  succeed(started: Started, now: EpochMs): void {
    if (!this.#open.delete(started)) return;
    this.#settle(started, "succeeded", now);
    this.#accepted(started);
  }

  /** A failure: counts for the circuit, sets the credential aside, or says nothing, as its kind has it. */
  fail(started: Started, failure: Pick<Failure, "kind" | "retryAfterMs">, now: EpochMs): void {
    if (!this.#open.delete(started)) return;
    const { breaks, credential } = verdictOf(failure.kind, started.isKeyed);
    this.#settle(started, breaks ? "failed" : "inconclusive", now);
    const cooldown = this.#cooldowns.get(started.credentialId) ?? inUse;
    const next = cooldownAfter(cooldown, credential, started, failure.retryAfterMs, now);
    if (next !== cooldown) this.#cooldowns.set(started.credentialId, next);
  }

  /** The client left, or the attempt was never made: nothing is known, and the probe's place is free. */
  cancel(started: Started, now: EpochMs): void {
    this.fail(started, { kind: "cancelled", retryAfterMs: null }, now);
  }

  /** What the circuit lets through: `probe` is half open, and free for one attempt. */
  circuit(endpointId: string, now: EpochMs): "closed" | "open" | "probe" {
    return circuitAt(this.#endpoints.get(endpointId)?.circuit ?? closedCircuit, now);
  }

  /** Why a credential is set aside; null when it is usable. A `fingerprint` other than the refused one lifts a refusal. */
  setAside(credentialId: string, now: EpochMs, fingerprint: string | null = null): SetAside | null {
    return setAsideAt(this.#cooldowns.get(credentialId) ?? inUse, fingerprint, now);
  }

  /** Average time to first output; null without a sample in 5 minutes. */
  latency(endpointId: string, now: EpochMs): DurationMs | null {
    return averageAt(this.#endpoints.get(endpointId)?.average ?? null, now);
  }

  /** Whether the provider's retry budget has room for one more retry or failover. */
  mayRetry(provider: string, now: EpochMs): boolean {
    return this.#budgets.get(provider)?.allows(now) ?? true;
  }

  /** Every endpoint seen. */
  list(now: EpochMs): readonly EndpointHealth[] {
    return Array.from(
      this.#endpoints.entries(),
      ([endpointId, { provider, upstream, circuit, average }]) => ({
        endpointId,
        provider,
        upstream,
        circuit: circuitState(circuit, now),
        latencyMs: averageAt(average, now),
      }),
    );
  }

  /** What is worth keeping: averages that are not stale, credentials that are set aside. */
  saved(now: EpochMs): SavedHealth {
    return {
      averages: Array.from(this.#endpoints.entries()).flatMap(
        ([endpointId, { provider, upstream, average }]) =>
          average === null || averageAt(average, now) === null
            ? []
            : [{ endpointId, provider, upstream, ...average }],
      ),
      cooldowns: Array.from(this.#cooldowns.entries())
        .map(([credentialId, cooldown]) => ({ credentialId, ...lasting(cooldown, now) }))
        .filter(({ limited, refused }) => limited !== null || refused !== null),
    };
  }

  /** Takes back what was saved, before the first attempt. */
  restore(saved: SavedHealth): void {
    for (const { endpointId, provider, upstream, meanMs, at } of saved.averages) {
      this.#endpoints.set(endpointId, {
        provider,
        upstream,
        circuit: closedCircuit,
        average: { meanMs, at },
      });
    }
    for (const { credentialId, limited, refused } of saved.cooldowns)
      this.#cooldowns.set(credentialId, { limited, refused });
  }

  /**
   * Closes the circuits of a provider's upstream model; false where none was open. What is under way, and what was learned
   * of latency, stays.
   */
  reset({ provider, upstream }: Pick<EndpointHealth, "provider" | "upstream">, now: EpochMs): boolean {
    const mine = Array.from(this.#endpoints.entries()).filter(
      ([, endpoint]) =>
        endpoint.provider === provider &&
        endpoint.upstream === upstream &&
        circuitState(endpoint.circuit, now) !== "closed",
    );
    for (const [id, endpoint] of mine) this.#endpoints.set(id, { ...endpoint, circuit: closedCircuit });
    return mine.length > 0;
  }

  /** Another one that has seen the same; to try things out with. */
  copy(): Health {
    const copy = new Health();
    for (const [id, endpoint] of this.#endpoints.entries()) copy.#endpoints.set(id, endpoint);
    for (const [id, cooldown] of this.#cooldowns.entries()) copy.#cooldowns.set(id, cooldown);
    for (const [name, budget] of this.#budgets.entries()) copy.#budgets.set(name, budget.copy());
    return copy;
  }

  #endpoint({ endpointId, provider, upstream }: AttemptFacts): Endpoint {
    return this.#endpoints.get(endpointId) ?? { provider, upstream, circuit: closedCircuit, average: null };
  }

  #settle(started: Started, kind: AttemptEnd["kind"], now: EpochMs): void {
    const endpoint = this.#endpoint(started);
    const end: AttemptEnd = {
      kind,
      startedAt: started.startedAt,
      isProbe: started.isProbe,
      policy: started.breaker,
    };
    this.#endpoints.set(started.endpointId, { ...endpoint, circuit: after(endpoint.circuit, end, now) });
  }

  #accepted(started: Started): void {
    const cooldown = this.#cooldowns.get(started.credentialId);
    if (cooldown === undefined) return;
    this.#cooldowns.set(
      started.credentialId,
      afterAccepted(cooldown, started.fingerprint, started.startedAt),
    );
  }
}

function cooldownAfter(
  cooldown: Cooldown,
  verdict: Verdict["credential"],
  { fingerprint, startedAt }: Started,
  retryAfterMs: DurationMs | null,
  now: EpochMs,
): Cooldown {
  switch (verdict) {
    case "accepted":
      return afterAccepted(cooldown, fingerprint, startedAt);
    case "refused":
      return afterRefused(cooldown, fingerprint, now);
    case "limited":
      return afterLimited(unprobed(cooldown, startedAt), retryAfterMs, now);
    case "unknown":
      return unprobed(cooldown, startedAt);
  }
}
