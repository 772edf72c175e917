import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { askpass } from "./access.ts";

/** The private directory of git sync, with what is in it. Nobody else may look into it, and all of it can be made anew. */
export interface Den {
  readonly root: string;
  /** The bare repository. */
  readonly repository: string;
  /** An empty directory that git takes for the home of its user: no `.netrc`, no `.gitconfig`. */
  readonly home: string;
  readonly temporary: string;
  /** The program that answers git's questions for a user and a password. */
  readonly askpass: string;
  /** The ssh signers as last read. */
  readonly signers: string;
}

/** Makes the directory, or clears what an earlier process left half done in it; all but the repository is written anew. */
export function openDen(directory: string): Den {
  const root = resolve(directory);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  chmodSync(root, 0o700);
  for (const name of readdirSync(root)) {
    if (name !== "repository.git") rmSync(join(root, name), { recursive: true, force: true });
  }
  const den: Den = {
    root,
    repository: join(root, "repository.git"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    askpass: join(root, "askpass"),
    signers: join(root, "signers"),
  };
  for (const directory of [den.home, den.temporary]) mkdirSync(directory, { mode: 0o700 });
  writeFileSync(den.askpass, askpass, { mode: 0o700 });
  return den;
}
