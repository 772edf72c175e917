import { isRecord } from "../../core/record.ts";

/** Something in what a gateway told, by its path; undefined where it is not there. */
export const at = (told: unknown, ...path: readonly string[]): unknown =>
  path.reduce((value, name) => (isRecord(value) ? value[name] : undefined), told);

/** The same as text for people; empty where it is null or not there. */
export function textAt(told: unknown, ...path: readonly string[]): string {
  const value = at(told, ...path);
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A number there; null where there is none. */
export function numberAt(told: unknown, ...path: readonly string[]): number | null {
  const value = at(told, ...path);
  return typeof value === "number" ? value : null;
}

/** A list there. */
export function listAt(told: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(told, ...path);
  return Array.isArray(value) ? value : [];
}

/** Whether what the source says now is not what serves, or not known, without that anybody has said so. */
export function isTrouble(status: unknown): boolean {
  const sync = at(status, "sync", "state");
  if (sync === "failing" || sync === "refused") return true;
  const state = at(status, "attempted", "state");
  if (state === undefined) return at(status, "boot", "degraded") !== null;
  return state === "rejected" || state === "quarantined";
}
