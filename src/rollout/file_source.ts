import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readBounded, readSources } from "../config/source.ts";
import type { SourceFile } from "../config/source_file.ts";
import type { Clock } from "../runtime/clock.ts";
import { sha256Hex } from "../runtime/digest.ts";
import type { Candidate, Reading, Source } from "./source.ts";
import { watch } from "./watch.ts";

/** A save in place is seen half written: only what reads the same twice, so far apart, counts. */
const quietMs = 100;
const never = new AbortController().signal;

/** A file on this machine, its includes and the tests beside it. */
export function fileSource(path: string, clock: Clock): Source {
  let files: readonly string[] = [path];
  let seen: string | null = null;
  return {
    read: async () => {
      for (;;) {
        const reading = await readOnce(path);
        const hash = hashOf(reading);
        if (reading.kind === "candidate") files = namesOf(path, reading.candidate);
        // The first look is not told apart from a file that has been still for long.
        if (seen === null || seen === hash || (await isQuiet(path, hash, clock))) {
          seen = hash;
          return reading;
        }
      }
    },
    watch: (hint) => watch(() => files, hint),
    sync: () => ({ state: "idle", reason: null, last_success: null }),
    accepted: () => {},
  };
}

/** A reading that says something. */
type Said = Exclude<Reading, { readonly kind: "nothing" }>;

/** The tests of a routing file: `routes.yaml` has `routes.test.yaml`. */
export const testsBeside = (path: string): string =>
  join(dirname(path), basename(path).replace(/(\.ya?ml)?$/, ".test.yaml"));

async function readOnce(path: string): Promise<Said> {
  const sources = await readSources(path);
  const tests = await readTests(testsBeside(path));
  if (!sources.ok || !tests.ok) {
    const diagnostics = [...(sources.ok ? [] : sources.error), ...(tests.ok ? [] : [tests.error])];
    return { kind: "refused", stage: "read", diagnostics, gitSha: null };
  }
  const candidate = { origin: { kind: "file", path } as const, files: sources.value, tests: tests.value };
  return { kind: "candidate", candidate };
}

const readTests = async (path: string) =>
  existsSync(path) ? await readBounded(path, path) : ({ ok: true, value: null } as const);

async function isQuiet(path: string, hash: string, clock: Clock): Promise<boolean> {
  await clock.sleep(quietMs, never);
  return hashOf(await readOnce(path)) === hash;
}

const namesOf = (path: string, { files }: Candidate): readonly string[] => [
  path,
  ...files.slice(1).map(({ name }) => join(dirname(path), name)),
  testsBeside(path),
];

/** What a reading says, whatever it is told with. */
export function hashOf(reading: Said): string {
  if (reading.kind === "refused") return sha256Hex(JSON.stringify(reading.diagnostics));
  const { files, tests } = reading.candidate;
  const named = ({ name, bytes }: SourceFile) => `${name} ${sha256Hex(bytes)}`;
  return sha256Hex([...files, ...(tests === null ? [] : [tests])].map(named).join("\n"));
}
