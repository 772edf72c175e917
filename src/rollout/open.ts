import type { Diagnostic } from "../config/diagnostic.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { runTests } from "../simulate/tests.ts";
import type { Judge } from "./candidate.ts";
import type { Control } from "./control.ts";
import { Counts } from "./counts.ts";
import type { DeploymentFacts } from "./deployment.ts";
import type { Drafting } from "./draft/question.ts";
import { passGates } from "./gate.ts";
import type { Attempted } from "./generation.ts";
import { Orders } from "./orders.ts";
import { People } from "./people.ts";
import type { Desk } from "./propose/desk.ts";
import { Proposals } from "./propose/proposals.ts";
import { reportOrders, reportTo, type SystemLog } from "./report.ts";
import { Rollout } from "./rollout.ts";
import type { Candidate, Origin, Source, SyncFailures } from "./source.ts";
import { type Status, statusOf } from "./status.ts";
import { lookMs } from "./trial.ts";

/** Everything about generations, joined. */
export interface Rolling {
  readonly rollout: Rollout;
  readonly people: People;
  readonly orders: Orders;
  readonly counts: Counts;
  readonly proposals: Proposals;
  readonly status: () => Status;
  /** What kind of source it is. */
  readonly source: Origin["kind"];
  readonly failures: () => SyncFailures;
  /** Follows the source and watches canaries, until stopped. */
  readonly follow: () => { readonly stop: () => void };
}

/** What it is joined from. */
export interface RollingParts {
  readonly source: Source;
  readonly kind: Origin["kind"];
  /** Where the source is written to. */
  readonly desk: Desk;
  readonly control: Control;
  readonly clock: Clock;
  readonly judge: Judge;
  /** Also what proposals are looked into with. */
  readonly gate: Drafting;
  readonly log: SystemLog;
  readonly serve: DeploymentFacts["serve"];
  /** Told how candidates fare, as a forge is. */
  readonly listener?: RolloutListener;
}

/** Whom the fate of candidates is told. It must neither throw nor wait. */
export interface RolloutListener {
  readonly seen: (candidate: Candidate) => void;
  readonly attempted: (attempted: Attempted) => void;
  readonly stop: () => void;
}

/** Joins source, pipeline, canaries and people. */
export function openRollout(parts: RollingParts): Rolling {
  const { source, control, clock, log, listener } = parts;
  const orders = new Orders(control.remembered.facts, (change) => void rollout.chronicle.write([change]));
  const counts = new Counts();
  const report = reportTo(log);
  const tell = reportOrders(log);
  const rollout: Rollout = new Rollout({
    ...parts,
    orders,
    test: testWith,
    gate: (base, head) =>
      passGates(parts.gate, base, head, (why) => log.info({ why }, "the gate is inconclusive")),
    onSeen: (candidate) => {
      // What serves was told already how it fares.
      const isServing = sameCommit(candidate.origin, rollout.active?.origin);
      if (!isServing) listener?.seen(candidate);
    },
    onVerdict: (generation, verdict) => counts.judged(generation, verdict),
    tell: (attempted, active) => {
      counts.attempted(attempted);
      report(attempted, active);
      listener?.attempted(attempted);
    },
  });
  return {
    rollout,
    orders,
    counts,
    people: new People({ rollout, orders, source, clock, tell }),
    proposals: new Proposals({ ...parts, rollout, drafting: parts.gate, tell }),
    status: () => statusOf(rollout, orders, source, clock.now()),
    source: parts.kind,
    failures: source.failures ?? (() => noFailures),
    follow: () => {
      const watching = source.watch(() => void rollout.look());
      const timer = setInterval(() => void rollout.checkTrial(), lookMs);
      timer.unref?.();
      return {
        stop: () => {
          watching.stop();
          clearInterval(timer);
          listener?.stop();
        },
      };
    },
  };
}

const sameCommit = (a: Origin, b: Origin | undefined): boolean =>
  a.kind === "git" && b?.kind === "git" && a.sha === b.sha;

/** The tests beside the file, one after the other with pauses, so that live requests are not held up. */
async function testWith(snapshot: Snapshot, { tests }: Candidate): Promise<readonly Diagnostic[]> {
  if (tests === null) return [];
  const { diagnostics } = await runTests(snapshot, tests, { pause, forgets: true });
  return diagnostics;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const noFailures: SyncFailures = {
  consecutive: 0,
  byClass: { auth: 0, not_found: 0, network: 0, lock: 0, host_key: 0, verify: 0, timeout: 0 },
};
