import { type LimitRule, limitNames } from "../../domain/limits.ts";
import type { Timeouts } from "../../domain/snapshot.ts";
import { clocks } from "../schema/common.ts";
import { duration, type Form } from "./written.ts";

/** `limits`, in the order of the table. */
export const limits = (rules: readonly LimitRule[]): Form =>
  Object.fromEntries(
    limitNames.flatMap((name) => rules.filter(({ limit }) => limit === name).map(({ of }) => [name, of])),
  );

/** `timeouts`: the clocks that are set. */
export const timeouts = (set: Partial<Timeouts>): Form =>
  Object.fromEntries(
    clocks.flatMap((clock) => {
      const ms = set[clock];
      return ms === undefined ? [] : [[clock, duration(ms)]];
    }),
  );
