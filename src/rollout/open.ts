import type { Diagnostic } from "../config/diagnostic.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { runTests } from "../simulate/tests.ts";
import type { Judge } from "./candidate.ts";
import type { Control } from "./control.ts";
import type { DeploymentFacts } from "./deployment.ts";
import { type GateFacts, passGates } from "./gate.ts";
import { Orders } from "./orders.ts";
import { People } from "./people.ts";
import { reportTo, type SystemLog } from "./report.ts";
import { Rollout } from "./rollout.ts";
import type { Candidate, Source } from "./source.ts";
import { type Status, statusOf } from "./status.ts";
import { lookMs } from "./trial.ts";

/** Everything about generations, joined. */
export interface Rolling {
  readonly rollout: Rollout;
  readonly people: People;
  readonly orders: Orders;
  readonly status: () => Status;
  /** Follows the source and watches canaries, until stopped. */
  readonly follow: () => { readonly stop: () => void };
}

/** What it is joined from. */
export interface RollingParts {
  readonly source: Source;
  readonly control: Control;
  readonly clock: Clock;
  readonly judge: Judge;
  readonly gate: GateFacts;
  readonly log: SystemLog;
  readonly serve: DeploymentFacts["serve"];
}

/** Joins source, pipeline, canaries and people. */
export function openRollout(parts: RollingParts): Rolling {
  const { source, control, clock, log } = parts;
  const orders = new Orders(control.remembered.facts, (change) => void rollout.chronicle.write([change]));
  const rollout: Rollout = new Rollout({
    ...parts,
    orders,
    test: testWith,
    gate: (base, head) =>
      passGates(parts.gate, base, head, (why) => log.info({ why }, "the gate is inconclusive")),
    tell: reportTo(log),
  });
  return {
    rollout,
    orders,
    people: new People(rollout, orders, clock),
    status: () => statusOf(rollout, orders, source, clock.now()),
    follow: () => {
      const watching = source.watch(() => void rollout.look());
      const timer = setInterval(() => void rollout.checkTrial(), lookMs);
      timer.unref?.();
      return {
        stop: () => {
          watching.stop();
          clearInterval(timer);
        },
      };
    },
  };
}

/** The tests beside the file, one after the other with pauses, so that live requests are not held up. */
async function testWith(snapshot: Snapshot, { tests }: Candidate): Promise<readonly Diagnostic[]> {
  if (tests === null) return [];
  const { diagnostics } = await runTests(snapshot, tests, { pause });
  return diagnostics;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
