import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "../core/result.ts";

/** A directory that is ours until released. */
export interface Claimed {
  readonly release: () => void;
}

/** Claims a directory for this process; the lock of a process that is gone is taken over. */
export function claimDirectory(directory: string): Result<Claimed, string> {
  const file = join(directory, "lock");
  try {
    mkdirSync(directory, { recursive: true });
    const holder = holderOf(file);
    if (holder !== null && holder !== process.pid && isAlive(holder)) {
      return err(`${directory} is in use by process ${holder}; one process serves one DATA_DIR`);
    }
    rmSync(file, { force: true });
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, String(process.pid));
    } catch (error) {
      // A full disk keeps nobody from a start; a lock without a holder keeps nobody out.
      if (codeOf(error) !== "ENOSPC") throw error;
    } finally {
      closeSync(handle);
    }
    return ok({ release: () => rmSync(file, { force: true }) });
  } catch (error) {
    return err(`${directory} cannot be used: ${error instanceof Error ? error.message : "unknown reason"}`);
  }
}

function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return isOurKind(pid);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

/** In a container the same small number is soon someone else's; only a process started alike holds the lock. */
function isOurKind(pid: number): boolean {
  try {
    const own = readFileSync("/proc/self/cmdline", "utf8").split("\0")[0];
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === own;
  } catch {
    return true;
  }
}
