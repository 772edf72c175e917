import type { Decision } from "../domain/route.ts";
import type { Model } from "../domain/snapshot.ts";
import type { Candidate } from "./candidates.ts";
import type { Pass } from "./pick.ts";
import type { Named } from "./resolve.ts";
import type { Scene } from "./scene.ts";

/** What one call of `plan` came to, and what it looked at on the way; for those who explain it. */
export interface Look {
  /** `asked` is null where the name led to no model that may be used. */
  readonly scene: Omit<Scene, "asked"> & { readonly asked: Model | null };
  /** The models to begin with. */
  readonly start: readonly Named[];
  /** Every model looked at, in order, pass by pass. */
  readonly visits: readonly Visited[];
  readonly decision: Decision;
  readonly end: End | null;
}

/** One model as one pass saw it: its targets, as far as they had to be looked at. */
export interface Visited {
  readonly node: Named;
  readonly pass: Pass;
  readonly candidates: readonly Candidate[];
}

/** Why nothing more is tried: the name was refused, one of the chain's own bounds, or nobody is left. */
export type End =
  | "refused"
  | "callers_fault"
  | "not_in_policy"
  | "max_attempts"
  | "deadline"
  | "nothing_left";

/** Is told of a call of `plan` when it has decided, before anything is done about it. */
export type Watch = (look: Look) => void;
