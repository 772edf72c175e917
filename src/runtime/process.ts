import { readFileSync } from "node:fs";

/** Below this many open files a gateway is no use. */
export const fewestFiles = 4_096;

/** How many files this process may have open; null where the platform does not tell. */
export function openFilesLimit(): number | null {
  try {
    const line = readFileSync("/proc/self/limits", "utf8")
      .split("\n")
      .find((text) => text.startsWith("Max open files"));
    const soft = Number(line?.split(/\s{2,}/)[1]);
    return Number.isFinite(soft) ? soft : null;
  } catch {
    return null;
  }
}

/** Each request may hold two sockets; the rest is for the databases, the logs and the platform itself. */
export const mostRequests = (files: number | null): number =>
  files === null ? 16_384 : Math.max(64, Math.floor((files - 256) / 2));
