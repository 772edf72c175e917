import type { Snapshot } from "../../domain/snapshot.ts";
/** Placeholder. */
export const endpointsOf =
  (_snapshot: Snapshot) =>
  (_endpointId: string): boolean =>
    true;
