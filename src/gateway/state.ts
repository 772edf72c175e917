import type { EpochMs } from "../core/units.ts";
import type { Disableable, State } from "../domain/route.ts";
import type { PoolMember } from "../domain/snapshot.ts";
import type { Lessons } from "../limits/learn.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Health } from "../resilience/health.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Vault } from "./upstream/vault.ts";

/** What people took away by hand. */
export type Overrides = (what: Disableable, now: EpochMs) => { readonly reason: string } | null;

/** Whether references resolve, and to what; the vault, or the stand-in of a world without secrets. */
type Secrets = Pick<Vault, "look">;

/** The plan's read-only view of the books. */
export function stateOf(
  {
    ledger,
    health,
    lessons,
    vault,
    overrides,
  }: {
    readonly ledger: Ledger;
    readonly health: Health;
    readonly lessons: Lessons;
    readonly vault: Secrets;
    readonly overrides: Overrides;
  },
  clock: Clock,
): State {
  const fingerprint = fingerprintOf(vault);
  return {
    wait: (claim, now) => ledger.wait(claim, now),
    headroom: (claim, now) => ledger.headroom(claim, now),
    circuit: (endpointId, now) => health.circuit(endpointId, now),
    setAside: (credentialId, member, now) => health.setAside(credentialId, now, fingerprint(member, now)),
    latency: (endpointId, now) => health.latency(endpointId, now),
    tokensPerByte: (upstream) => lessons.tokensPerByte(upstream),
    meanAnswer: (upstream) => lessons.meanAnswer(upstream),
    mayRetry: (provider, now) => health.mayRetry(provider, now),
    isSet: (ref) => vault.look(ref, clock.now()).kind === "set",
    disabled: overrides,
  };
}

/** What stands for a credential's value without telling it: a changed value lifts a refusal. */
export const fingerprintOf =
  (vault: Secrets) =>
  (member: PoolMember | null, now: EpochMs): string | null => {
    if (member === null) return null;
    const looked = vault.look(member.ref, now);
    return looked.kind === "set" ? looked.version : null;
  };
