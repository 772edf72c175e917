import type { Report } from "../diagnostic.ts";
import type { Places } from "../places.ts";

/** What every part of the compiler shares. */
export interface Making {
  readonly report: Report;
  readonly places: Places;
}
