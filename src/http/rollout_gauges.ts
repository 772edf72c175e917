import type { Family, Sample } from "../metrics/exposition.ts";
import { reloadResults, verdicts } from "../rollout/counts.ts";
import type { Rolling } from "../rollout/open.ts";
import type { SyncFailures } from "../rollout/source.ts";
import { type Drift, driftKinds, type Status } from "../rollout/status.ts";

/** What the gauges of generations are told from. */
export interface RolloutNow {
  readonly rolling: Rolling;
  /** Requests under way by generation. */
  readonly inFlightOf: ReadonlyMap<number, number>;
}

/**
 * Generations, canaries and git sync, for a scrape. Every series that an alert may be made of is there from the start, so
 * that none has to ask whether it is absent.
 */
export function rolloutGauges({ rolling, inFlightOf }: RolloutNow): readonly Family[] {
  const status = rolling.status();
  const { deployment } = rolling.rollout;
  return [
    one(
      "config_last_reload_successful",
      "1 when the last look at the source ended well.",
      isGood(status) ? 1 : 0,
    ),
    one("config_last_reload_success_timestamp_seconds", "When it last did.", deployment.succeededAt / 1_000),
    one(
      "config_degraded",
      "1 while something else serves than should, or is not on disk.",
      flag(status.boot.degraded),
    ),
    gauge("config_info", "The generation that serves.", [info(status.active)]),
    gauge("config_attempted_info", "What the last look at the source came to.", [attempted(status)]),
    gauge("config_drift", "How many things differ from what the source says.", driftSamples(status.drift)),
    gauge(
      "config_inflight",
      "Requests under way by the generation that serves them.",
      inFlight(status, inFlightOf),
    ),
    counter("config_reloads_total", "Looks at the source that came to something.", reloads(rolling)),
    one("canary_share", "Share of the clients in a canary; 0 without one.", status.canary?.share ?? 0),
    counter("canary_verdicts_total", "Verdicts on canaries.", verdictSamples(rolling)),
    ...gitFamilies(status.sync.last_success, rolling.failures()),
  ];
}

/** Whether the last look found something that may serve. */
const isGood = ({ attempted: last }: Status): boolean =>
  last !== null && last.state !== "rejected" && last.state !== "quarantined";

const info = (active: Status["active"]): Sample => ({
  labels: {
    generation: String(active?.generation ?? ""),
    digest: active?.digest ?? "",
    git_sha: active?.git_sha ?? "",
  },
  value: active === null ? 0 : 1,
});

function attempted({ attempted: last }: Status): Sample {
  const { generation = null, state = "", stage = "", digest = null, git_sha = null } = last ?? {};
  return {
    labels: {
      generation: String(generation ?? ""),
      state,
      stage,
      digest: digest ?? "",
      git_sha: git_sha ?? "",
    },
    value: last === null ? 0 : 1,
  };
}

const driftSamples = (drift: readonly Drift[]): readonly Sample[] =>
  driftKinds.map((kind) => ({ labels: { kind }, value: drift.filter((each) => each.kind === kind).length }));

/** What serves is there with or without requests; what does not any more, while it has some. */
function inFlight({ active, canary }: Status, counts: ReadonlyMap<number, number>): readonly Sample[] {
  const serving = [active, canary].flatMap((each) => each?.generation ?? []);
  return [...new Set([...serving, ...counts.keys()])].map((generation) => ({
    labels: { generation: String(generation) },
    value: counts.get(generation) ?? 0,
  }));
}

const reloads = ({ counts, source }: Rolling): readonly Sample[] =>
  reloadResults.map((result) => ({ labels: { source, result }, value: counts.reloads(result) }));

const verdictSamples = ({ counts }: Rolling): readonly Sample[] =>
  verdicts.map((verdict) => ({ labels: { verdict }, value: counts.verdicts(verdict) }));

function gitFamilies(lastSuccess: string | null, { consecutive, byClass }: SyncFailures): readonly Family[] {
  const at = lastSuccess === null ? 0 : Date.parse(lastSuccess) / 1_000;
  const classes = Object.entries(byClass).map(([name, value]) => ({ labels: { class: name }, value }));
  return [
    one("git_sync_last_success_timestamp_seconds", "When the repository was last reached; 0: never.", at),
    one(
      "git_sync_consecutive_failures",
      "Failed looks at the repository since it was last reached.",
      consecutive,
    ),
    counter("git_sync_failures_total", "Failed looks at the repository.", classes),
  ];
}

const flag = (reason: string | null): number => (reason === null ? 0 : 1);

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `switchyard_${name}`,
  help,
  type: "gauge",
  samples,
});

const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...gauge(name, help, samples),
  type: "counter",
});

const one = (name: string, help: string, value: number): Family => gauge(name, help, [{ labels: {}, value }]);
