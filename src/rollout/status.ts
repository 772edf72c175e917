import type { Diagnostic } from "../config/diagnostic.ts";
import type { EpochMs } from "../core/units.ts";
import type { ArmSummary } from "./canary/figures.ts";
import { shaOf } from "./generation.ts";
import type { Orders, Override } from "./orders.ts";
import type { BootSource, Rollout } from "./rollout.ts";
import type { Source, SyncState } from "./source.ts";

/** What `/admin/api/status` and `switchyard status` show. Times are RFC 3339 UTC. DESIGN.md §6 names the fields. */
export interface Status {
  readonly active: {
    readonly generation: number;
    readonly digest: string;
    readonly git_sha: string | null;
    readonly since: string;
  } | null;
  readonly attempted: {
    readonly generation: number | null;
    readonly state: string;
    readonly stage: string;
    readonly digest: string | null;
    readonly git_sha: string | null;
    readonly reason: string | null;
    readonly at: string;
    readonly diagnostics: readonly Diagnostic[];
  } | null;
  readonly canary: {
    readonly generation: number;
    readonly digest: string;
    readonly share: number;
    readonly since: string;
    /** When it is judged at the latest, and how many requests it has to have served by then. */
    readonly until: string;
    readonly min_requests: number;
    readonly arms: { readonly stable: ArmSummary; readonly canary: ArmSummary };
  } | null;
  readonly quarantined: readonly {
    readonly digest: string;
    readonly generation: number | null;
    readonly reason: string;
  }[];
  readonly sync: Omit<SyncState, "last_success"> & { readonly last_success: string | null };
  readonly boot: { readonly source: BootSource; readonly degraded: string | null };
  readonly pinned: {
    readonly generation: number;
    readonly who: string;
    readonly reason: string;
    readonly at: string;
  } | null;
  readonly suspended: {
    readonly until: string | null;
    readonly who: string;
    readonly reason: string;
    readonly at: string;
  } | null;
  /** Everything in which what serves differs from what the source says. */
  readonly drift: readonly Drift[];
}

/** Why something may differ from what the source says. */
export const driftKinds = ["disabled", "pinned", "suspended", "quarantined"] as const;

/** One such difference. */
export interface Drift {
  readonly kind: (typeof driftKinds)[number];
  readonly what: string;
  readonly reason: string;
  readonly until: string | null;
}

/** How things stand now. */
export function statusOf(rollout: Rollout, orders: Orders, source: Source, now: EpochMs): Status {
  const { deployment, bootSource, degraded } = rollout;
  const { active, attempted } = deployment;
  const { pin } = orders;
  const suspension = orders.suspension(now);
  const sync = source.sync();
  return {
    active: active === null ? null : activeOf(active.generation),
    attempted: attempted === null ? null : { ...renamed(attempted), at: time(attempted.at) },
    canary: canaryOf(deployment.trial),
    quarantined: orders.quarantined.map(({ digest, generation, reason }) => ({ digest, generation, reason })),
    sync: { ...sync, last_success: sync.last_success === null ? null : time(sync.last_success) },
    boot: { source: bootSource, degraded },
    pinned:
      pin === null
        ? null
        : { generation: pin.generation, who: pin.who, reason: pin.reason, at: time(pin.at) },
    suspended:
      suspension === null
        ? null
        : {
            until: timeOrNull(suspension.until),
            who: suspension.who,
            reason: suspension.reason,
            at: time(suspension.at),
          },
    drift: driftOf(rollout, orders, now),
  };
}

const activeOf = ({ number, snapshot, origin, since }: NonNullable<Rollout["active"]>) => ({
  generation: number,
  digest: snapshot.digest,
  git_sha: shaOf(origin),
  since: time(since),
});

const renamed = ({ gitSha, at: _, ...rest }: NonNullable<Rollout["deployment"]["attempted"]>) => ({
  ...rest,
  git_sha: gitSha,
});

function canaryOf(trial: Rollout["deployment"]["trial"]): Status["canary"] {
  if (trial === null) return null;
  const { generation, rules } = trial;
  return {
    generation: generation.number,
    digest: generation.snapshot.digest,
    share: rules.canary,
    since: time(generation.since),
    until: time(generation.since + rules.forMs),
    min_requests: rules.minRequests,
    arms: trial.arms(),
  };
}

function driftOf({ deployment: { attempted } }: Rollout, orders: Orders, now: EpochMs): readonly Drift[] {
  const { pin } = orders;
  // What is quarantined and no longer said by the source keeps nothing apart.
  const said = attempted?.state === "quarantined" ? attempted : null;
  const suspension = orders.suspension(now);
  return [
    ...orders.overrides(now).map(overridden),
    ...(pin === null
      ? []
      : [{ kind: "pinned", what: `generation ${pin.generation}`, reason: pin.reason, until: null } as const]),
    ...(suspension === null
      ? []
      : [
          {
            kind: "suspended",
            what: "the source",
            reason: suspension.reason,
            until: timeOrNull(suspension.until),
          } as const,
        ]),
    ...(said === null
      ? []
      : [
          {
            kind: "quarantined",
            what: said.digest?.slice(0, 8) ?? "",
            reason: said.reason ?? "",
            until: null,
          } as const,
        ]),
  ];
}

const overridden = ({ what, reason, until }: Override): Drift => ({
  kind: "disabled",
  what: `${what.kind} ${what.name}`,
  reason,
  until: timeOrNull(until),
});

const time = (at: EpochMs): string => new Date(at).toISOString();
const timeOrNull = (at: EpochMs | null): string | null => (at === null ? null : time(at));
