import { type FSWatcher, lstatSync, readlinkSync, watch as watchDirectory } from "node:fs";
import { dirname, isAbsolute, join, parse, resolve, sep } from "node:path";
import type { DurationMs } from "../core/units.ts";

/** The poll is the truth; watching only makes it quicker. */
export const pollMs: DurationMs = 2_000;
/** Longer chains of links are a loop. */
const maxLinks = 40;

/**
 * Calls `hint` when something may have changed near one of `paths`: at any event in the directory of every link on the
 * way to it, and every 2 s. Events are never filtered by name: editors and Kubernetes rename what they please.
 */
export function watch(paths: () => readonly string[], hint: () => void): { readonly stop: () => void } {
  let watchers = new Map<string, FSWatcher>();
  const look = () => {
    const wanted = new Set(paths().flatMap(directoriesOf));
    for (const [directory, watcher] of watchers) if (!wanted.has(directory)) watcher.close();
    watchers = new Map([...wanted].flatMap((directory) => open(directory)));
  };
  const open = (directory: string): readonly (readonly [string, FSWatcher])[] => {
    const known = watchers.get(directory);
    if (known !== undefined) return [[directory, known]];
    try {
      const watcher = watchDirectory(directory, { persistent: false }, () => hint());
      watcher.on("error", () => {
        watcher.close();
        watchers.delete(directory);
      });
      return [[directory, watcher]];
    } catch {
      return []; // not there at the moment: the poll looks again
    }
  };
  look();
  const timer = setInterval(() => {
    look();
    hint();
  }, pollMs);
  timer.unref?.();
  return {
    stop: () => {
      clearInterval(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** The directory of the path itself and of every link that has to be followed to reach it. */
export function directoriesOf(path: string): readonly string[] {
  const found = new Set<string>([dirname(resolve(path))]);
  let links = 0;
  const follow = (absolute: string): void => {
    const { root } = parse(absolute);
    let current = root;
    const names = absolute.slice(root.length).split(sep).filter(Boolean);
    for (const [index, name] of names.entries()) {
      const next = join(current, name);
      if (!isLink(next)) {
        current = next;
        continue;
      }
      if (++links > maxLinks) return;
      found.add(current);
      const to = readlinkSync(next);
      const target = isAbsolute(to) ? to : resolve(current, to);
      follow(join(target, ...names.slice(index + 1)));
      return;
    }
    found.add(dirname(absolute));
  };
  follow(resolve(path));
  return [...found];
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
