import { err, ok, type Result } from "../core/result.ts";
import type { Clock } from "../runtime/clock.ts";
import type { StoredGeneration } from "./generation.ts";
import type { Orders } from "./orders.ts";
import type { Rollout } from "./rollout.ts";

/** Who asks for something, and why. */
export interface Asked {
  readonly who: string;
  readonly reason: string;
}

/** One sentence why the state does not allow it, or there is no such thing. */
export interface Refused {
  readonly kind: "refused" | "unknown";
  readonly says: string;
}

/** Done, with a sentence about what was done. */
export type Done = Result<string, Refused>;

/** The state does not allow it. */
export const refusedBy = (says: string): Done => err({ kind: "refused", says });
/** There is no such thing. */
export const unknown = (says: string): Done => err({ kind: "unknown", says });

/** What a move of what serves needs. It is made in a turn. */
interface Scene {
  readonly rollout: Rollout;
  readonly orders: Orders;
  readonly clock: Clock;
}

/** Serves a generation of the past again. What served until now is quarantined, and so is a canary beside it. */
export async function goBackTo(
  { rollout, orders, clock }: Scene,
  target: StoredGeneration,
  { who, reason }: Asked,
): Promise<Done> {
  const { deployment } = rollout;
  const before = deployment.active?.generation ?? null;
  if (before?.number === target.number) return refusedBy(`Generation ${target.number} is active already.`);
  const snapshot = deployment.compileAgain(target);
  if (snapshot === null) return refusedBy(`Generation ${target.number} does not compile here any more.`);
  await deployment.withdraw(who, reason);
  if (before !== null) {
    const { digest } = before.snapshot;
    orders.quarantine({ digest, generation: before.number, reason, at: clock.now(), who });
  }
  orders.liftQuarantine(snapshot.digest);
  await deployment.activate(target, snapshot, { reason, leaving: { state: "quarantined", reason } });
  deployment.revise(before?.number, "quarantined", reason);
  deployment.revise(target.number, "active", reason);
  const gone = before === null ? "" : `; ${before.number} is quarantined`;
  return ok(`Generation ${target.number} serves again${gone}.`);
}

/** The generation that served everybody before, and that nobody took back; null: there is none. */
export function goodBefore({ rollout, orders }: Scene): StoredGeneration | null {
  const { chronicle, active } = rollout;
  const before = chronicle
    .good()
    .find(
      ({ number, digest }) =>
        number !== active?.number && digest !== null && orders.quarantineOf(digest) === null,
    );
  return before === undefined ? null : chronicle.recall(before.number);
}

/** Makes a generation serve everybody that is to be pinned; a canary beside it ends without a verdict. */
export async function keep({ rollout, orders }: Scene, number: number, reason: string): Promise<Done> {
  const { deployment, chronicle } = rollout;
  const { active, trial } = deployment;
  const because = `generation ${number} is pinned`;
  if (number !== active?.generation.number) {
    const row = trial?.generation.number === number ? trial.row : chronicle.recall(number);
    if (row === null) return unknown(`Generation ${number} is not kept.`);
    const snapshot = deployment.compileAgain(row);
    if (snapshot === null) return refusedBy(`Generation ${number} does not compile here any more.`);
    orders.liftQuarantine(snapshot.digest);
    await deployment.dropTrial(because);
    await deployment.activate(row, snapshot, { reason, leaving: { state: "retired", reason: because } });
  }
  await deployment.dropTrial(because);
  for (const other of [active, trial].map((each) => each?.generation.number))
    if (other !== number) deployment.revise(other, "held", because);
  deployment.revise(number, "active", reason);
  return ok(`Generation ${number} is pinned.`);
}
