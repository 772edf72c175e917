import type { Retention, Snapshot } from "../domain/snapshot.ts";

/** What a configuration says about the journal. */
export interface Keeping {
  readonly retention: Retention;
  /** Every label that requests can bear. */
  readonly labels: readonly string[];
}

/** Labels come from keys and from attribution. */
export const keepingOf = ({ auth, attribution, metrics }: Snapshot): Keeping => ({
  retention: metrics,
  labels: [
    ...new Set([
      ...Object.keys(attribution.labels),
      ...auth.keys.flatMap(({ labels }) => Object.keys(labels)),
    ]),
  ],
});
