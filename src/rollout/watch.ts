import { type FSWatcher, lstatSync, readlinkSync, statSync, watch as watchDirectory } from "node:fs";
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
  // By directory and inode: one that was replaced is watched anew.
  let watchers = new Map<string, FSWatcher>();
  const look = () => {
    const wanted = new Map(
      paths()
        .flatMap(directoriesOf)
        .map((directory) => [identityOf(directory), directory]),
    );
    for (const [id, watcher] of watchers) if (!wanted.has(id)) watcher.close();
    watchers = new Map([...wanted].flatMap(([id, directory]) => open(id, directory)));
  };
  const open = (id: string, directory: string): readonly (readonly [string, FSWatcher])[] => {
    const known = watchers.get(id);
    if (known !== undefined) return [[id, known]];
    try {
      const watcher = watchDirectory(directory, { persistent: false }, () => hint());
      watcher.on("error", () => {
        watcher.close();
        watchers.delete(id);
      });
      return [[id, watcher]];
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
      const to = linkAt(next);
      if (to === null) {
        current = next;
        continue;
      }
      if (++links > maxLinks) return;
      found.add(current);
      const target = isAbsolute(to) ? to : resolve(current, to);
      follow(join(target, ...names.slice(index + 1)));
      return;
    }
    found.add(dirname(absolute));
  };
  follow(resolve(path));
  return [...found];
}

const identityOf = (directory: string): string => {
  try {
    return `${directory} ${statSync(directory).ino}`;
  } catch {
    return directory; // not there at the moment
  }
};

/** Where a link leads; null where there is none, or nothing that may be looked at. */
function linkAt(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
