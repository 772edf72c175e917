import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

/** Where all of it is in a directory. */
export function denAt(directory: string): Den {
  const root = resolve(directory);
  return {
    root,
    repository: join(root, "repository.git"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    askpass: join(root, "askpass"),
    signers: join(root, "signers"),
  };
}

/** Whether nothing of it was taken away. */
export const isThere = ({ home, temporary, askpass: program }: Den): boolean =>
  [home, temporary, program].every((path) => existsSync(path));

/** Makes the directory, or clears what an earlier process left half done in it; all but the repository is written anew. */
export function makeDen(den: Den): void {
  mkdirSync(den.root, { recursive: true, mode: 0o700 });
  chmodSync(den.root, 0o700);
  for (const name of readdirSync(den.root)) {
    const path = join(den.root, name);
    if (path !== den.repository) rmSync(path, { recursive: true, force: true });
  }
  for (const directory of [den.home, den.temporary]) mkdirSync(directory, { mode: 0o700 });
  writeFileSync(den.askpass, askpass, { mode: 0o700 });
}

/** A directory that is made now. */
export function openDen(directory: string): Den {
  const den = denAt(directory);
  makeDen(den);
  return den;
}
