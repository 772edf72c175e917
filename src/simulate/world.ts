import { Secret } from "../core/secret.ts";
import type { EpochMs } from "../core/units.ts";
import type { State } from "../domain/route.ts";
import type { SecretRef } from "../domain/secret_ref.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { Books } from "../gateway/books.ts";
import { type Overrides, stateOf } from "../gateway/state.ts";
import type { Looked } from "../gateway/upstream/vault.ts";
import { Lessons } from "../limits/learn.ts";
import { Ledger } from "../limits/ledger.ts";
import { Health } from "../resilience/health.ts";
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
}

/** What a world begins with. */
export interface WorldOptions {
  readonly clock: VirtualClock;
  /** What people took away by hand. */
  readonly overrides?: Overrides;
  /** Whether a reference resolves; every one does unless said. */
  readonly isSet?: (ref: SecretRef, now: EpochMs) => boolean;
}

/** A fresh world: nothing used, nothing learned, everything healthy. */
export function worldOf(snapshot: Snapshot, options: WorldOptions): World {
  const { clock, overrides = () => null, isSet = () => true } = options;
  const ledger = new Ledger();
  const health = new Health();
  const lessons = new Lessons();
  const vault = { look: (ref: SecretRef, now: EpochMs): Looked => (isSet(ref, now) ? standIn : unset) };
  const state = stateOf(
    { ledger, health, lessons, vault, overrides },
    { now: clock.now, sleep: (ms) => clock.sleep(ms) },
  );
  const books = new Books(ledger, health, lessons, ({ member }) => (member === null ? null : "simulated"));
  return { snapshot, clock, ledger, health, lessons, books, state };
}

/** No secret is ever read here. */
const standIn: Looked = { kind: "set", secret: new Secret("simulated"), version: "simulated" };
const unset: Looked = { kind: "unset" };
