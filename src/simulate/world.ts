import { Secret } from "../core/secret.ts";
import type { EpochMs } from "../core/units.ts";
import type { State } from "../domain/route.ts";
import type { SecretRef } from "../domain/secret_ref.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { Books } from "../gateway/books.ts";
import { fingerprintOf, type Overrides, stateOf } from "../gateway/state.ts";
import type { Looked, Vault } from "../gateway/upstream/vault.ts";
import { Lessons } from "../limits/learn.ts";
import { Ledger } from "../limits/ledger.ts";
import { Health } from "../resilience/health.ts";
import type { Watch } from "../routing/watch.ts";
import type { VirtualClock } from "./clock.ts";

/**
 * A gateway without a network: the same books, health and plan, on a clock of its own. Several worlds may share a clock,
 * to see the same traffic.
 */
export interface World {
  readonly snapshot: Snapshot;
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly health: Health;
  readonly lessons: Lessons;
  readonly books: Books;
  readonly state: State;
  /** Is told of every decision. */
  readonly watch?: Watch;
}

/** What a world begins with. */
export interface WorldOptions {
  readonly clock: VirtualClock;
  /** What people took away by hand. */
  readonly overrides?: Overrides;
  /** Whether a reference resolves; every one does unless said. */
  readonly isSet?: (ref: SecretRef, now: EpochMs) => boolean;
  /** What is known already; nothing unless said. */
  readonly known?: Known;
}

/** What a gateway knows of the world, for another one to begin with; the world changes what it is given. */
export interface Known {
  readonly ledger: Ledger;
  readonly health: Health;
  readonly lessons: Lessons;
  readonly vault: Pick<Vault, "look">;
}

/** A fresh world: unless it is said what is known, nothing is used, nothing learned, everything healthy. */
export function worldOf(snapshot: Snapshot, options: WorldOptions): World {
  const { clock, overrides = () => null, isSet = () => true } = options;
  const look = (ref: SecretRef, now: EpochMs): Looked => (isSet(ref, now) ? standIn : unset);
  const { ledger, health, lessons, vault } = options.known ?? nothingKnown(look);
  const state = stateOf(
    { ledger, health, lessons, vault, overrides },
    { now: clock.now, sleep: (ms) => clock.sleep(ms) },
  );
  const fingerprint = fingerprintOf(vault);
  const books = new Books(ledger, health, lessons, ({ member }) => fingerprint(member, clock.now()));
  return { snapshot, clock, ledger, health, lessons, books, state };
}

const nothingKnown = (look: Vault["look"]): Known => ({
  ledger: new Ledger(),
  health: new Health(),
  lessons: new Lessons(),
  vault: { look },
});

/** No secret is ever read here. */
const standIn: Looked = { kind: "set", secret: new Secret("simulated"), version: "simulated" };
const unset: Looked = { kind: "unset" };
