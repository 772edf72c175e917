import type { EpochMs } from "../core/units.ts";
import type { FailedAttempt, RouteRequest, State } from "../domain/route.ts";
import type { Model, Snapshot } from "../domain/snapshot.ts";

/** Everything a decision looks at, for one moment of one request. */
export interface Scene {
  readonly snapshot: Snapshot;
  readonly request: RouteRequest;
  readonly history: readonly FailedAttempt[];
  readonly state: State;
  readonly now: EpochMs;
  /** The model asked for; its policy, overrides and max stay in force on fallbacks. */
  readonly asked: Model;
}
