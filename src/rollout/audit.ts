import type { EpochMs } from "../core/units.ts";

/** Who did what, and when: never changed, never deleted. */
export interface AuditEntry {
  readonly at: EpochMs;
  /** The admin key's id, or the setting ADMIN_KEY. */
  readonly who: string;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
