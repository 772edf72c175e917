import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, join, normalize, relative, sep } from "node:path";
import { disk, readSources, type Shelf } from "../../config/source.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { replaceFiles } from "../../runtime/replace_files.ts";
import type { Texts } from "../draft/question.ts";
import { testsBeside } from "../file_source.ts";
import { type Changes, type Desk, overlaid, type Sheet, type Submitted } from "./desk.ts";

/** Proposals for a file on this machine: it is replaced, and whoever watches it takes it from there. */
export function fileDesk(root: string): Desk {
  return {
    kind: "file",
    root,
    open: async (changes) => {
      const base = await read(root, disk, new Map());
      const head = await read(root, overlaid(disk, changes), changes);
      const sheet: Sheet = { base: base.ok ? base.value : null, head, submit: () => write(root, changes) };
      return ok(sheet);
    },
  };
}

async function read(root: string, shelf: Shelf, changes: Changes): Promise<Sheet["head"]> {
  const path = testsBeside(root);
  const files = await readSources(root, shelf);
  const hasTests = changes.has(normalize(path)) || existsSync(path);
  const tests = hasTests ? await shelf.read(path, path) : ok(null);
  if (files.ok && tests.ok) return ok({ files: files.value, tests: tests.value } satisfies Texts);
  return err([...(files.ok ? [] : files.error), ...(tests.ok ? [] : [tests.error])]);
}

async function write(root: string, changes: Changes): Promise<Result<Submitted, string>> {
  const targets = new Map<string, Uint8Array>();
  for (const [path, bytes] of changes) {
    const target = await targetOf(root, path);
    if (target === null)
      return err(`${JSON.stringify(path)} leads out of the directory of the routing file.`);
    targets.set(target, bytes);
  }
  const problem = await replaceFiles(targets);
  if (problem !== null) return err(`The file cannot be written: ${problem}.`);
  return ok({ kind: "file", written: [...changes.keys()] });
}

/** Where a path really is. The routing file and its tests are wherever their links lead; included files are in the directory of the routing file, whatever links stand on their way. */
async function targetOf(root: string, path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null);
  if ([root, testsBeside(root)].some((own) => path === normalize(own))) return real ?? path;
  const home = await realpath(dirname(root)).catch(() => dirname(root));
  const target = real ?? (await newIn(path));
  const below = relative(home, target);
  return below.startsWith(`..${sep}`) ? null : target;
}

/** Where a file that is not there would be made: the part of its way that exists is followed. */
async function newIn(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  const real = await realpath(parent).catch(() => newIn(parent));
  return join(real, path.slice(parent.length));
}
