import { counted } from "../domain/limits.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Family, Sample } from "../metrics/exposition.ts";
import type { EndpointHealth } from "../resilience/health.ts";
import { rulesOf } from "../routing/rules.ts";

/** What only this moment knows, for a scrape. */
export interface Now {
  readonly snapshot: Snapshot;
  readonly inFlight: number;
  readonly ledger: Ledger;
  readonly endpoints: readonly EndpointHealth[];
  readonly droppedRows: number;
  readonly nowMs: number;
}

/** Every gauge, with its value at this moment. */
export const gauges = (now: Now): readonly Family[] => [
  gauge("switchyard_in_flight", "Client requests under way.", [{ labels: {}, value: now.inFlight }]),
  gauge("switchyard_limit_used_ratio", "Used share of each limit of the file.", limitSamples(now)),
  gauge("switchyard_circuit_open", "1 while the circuit of a provider's model is open.", circuitSamples(now)),
  {
    name: "switchyard_journal_dropped_total",
    help: "Journal rows that were lost.",
    type: "counter",
    samples: [{ labels: {}, value: now.droppedRows }],
  },
];

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: "gauge",
  samples,
});

function limitSamples({ snapshot, ledger, nowMs }: Now): readonly Sample[] {
  return rulesOf(snapshot)
    .filter(({ rule }) => counted[rule.limit].kind !== "ceiling")
    .map((claim) => ({
      labels: { scope: claim.scope, name: claim.name, limit: claim.rule.limit },
      value: 1 - ledger.headroom(claim, nowMs),
    }));
}

/** One sample for each provider and upstream model; credentials share it. */
function circuitSamples({ endpoints }: Now): readonly Sample[] {
  const open = new Map<string, Sample>();
  for (const { provider, upstream, circuit } of endpoints) {
    const id = `${provider} ${upstream}`;
    const value = Math.max(open.get(id)?.value ?? 0, circuit === "open" ? 1 : 0);
    open.set(id, { labels: { provider, model: upstream }, value });
  }
  return [...open.values()];
}
