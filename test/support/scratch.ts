import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Memory, where the machine has such a directory and programs may be run in it: many small files wait for no disk. */
const base = runsPrograms("/dev/shm") ? "/dev/shm" : tmpdir();

function runsPrograms(directory: string): boolean {
  const probe = join(directory, `switchyard-probe-${process.pid}`);
  try {
    writeFileSync(probe, "#!/bin/sh\n", { mode: 0o700 });
    return Bun.spawnSync([probe]).exitCode === 0;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Directories that are gone after `remove`. */
export function directories(): { readonly make: () => string; readonly remove: () => void } {
  const made: string[] = [];
  return {
    make: () => {
      const directory = mkdtempSync(join(base, "switchyard-"));
      made.push(directory);
      return directory;
    },
    remove: () => {
      for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
    },
  };
}
