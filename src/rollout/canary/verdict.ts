import type { Rollout } from "../../domain/snapshot.ts";
import type { ArmFigures } from "./figures.ts";
/** Placeholder. */
export type Verdict =
  | { readonly kind: "go_on" }
  | { readonly kind: "rollback"; readonly reason: string; readonly trip: "hard" | "soft" }
  | { readonly kind: "promote"; readonly reason: string }
  | {
      readonly kind: "inconclusive";
      readonly why: "no_traffic" | "too_few";
      readonly then: "promote" | "hold" | "rollback";
    };
/** Placeholder. */
export const judge = (
  _stable: ArmFigures,
  _canary: ArmFigures,
  rules: Rollout,
  elapsedMs: number,
): Verdict => (elapsedMs >= rules.forMs ? { kind: "promote", reason: "it went well" } : { kind: "go_on" });
