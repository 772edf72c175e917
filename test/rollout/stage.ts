import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EpochMs } from "../../src/core/units.ts";
import { type Control, openControl } from "../../src/rollout/control.ts";
import { commit, prepareControl, remember } from "../../src/rollout/control_store.ts";
import type { Generation } from "../../src/rollout/generation.ts";
import type { Asked } from "../../src/rollout/moves.ts";
import { openRollout, type Rolling, type RolloutListener } from "../../src/rollout/open.ts";
import { fileDesk } from "../../src/rollout/propose/file_desk.ts";
import type { Candidate, Reading, Source, SyncState } from "../../src/rollout/source.ts";
import type { Status } from "../../src/rollout/status.ts";
import type { Trial } from "../../src/rollout/trial.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";

/** A rollout on a real control database, with a source that says what a test wants and a clock that it moves. */
export interface Stage {
  readonly rolling: Rolling;
  readonly control: Control;
  /** Puts words into the source's mouth, and looks. */
  readonly say: (what: string | Said) => Promise<Status>;
  /** Every move of the pointer: the generation that serves, and the canary's. */
  readonly moves: readonly (readonly [stable: number, canary: number | null])[];
  /** What the pointer was moved to last. */
  readonly served: () => { readonly stable: Generation; readonly trial: Trial | null } | null;
  readonly pass: (ms: number) => Promise<void>;
  /** Ends the process, as it were, and begins another on the same database; the source says the same. */
  readonly restart: (before?: (world: Meanwhile) => void) => Promise<Stage>;
  readonly database: string;
  /** Sets environment variables. */
  readonly set: (variables: Readonly<Record<string, string>>) => void;
  readonly lines: readonly (readonly [message: string, fields: Readonly<Record<string, unknown>>])[];
}

/** What happens between two processes. */
export interface Meanwhile {
  readonly say: (what: string | Said) => void;
  readonly forgetVariables: () => void;
}

/** What the source says next. */
export interface Said {
  readonly yaml?: string;
  readonly tests?: string;
  readonly sha?: string;
  /** In place of a candidate. */
  readonly reading?: Reading;
  readonly sync?: Partial<SyncState>;
  /** The source takes so long. */
  readonly after?: Promise<void>;
}

export const noon: EpochMs = Date.parse("2027-01-31T12:00:00Z");
export const somebody: Asked = { who: "boss", reason: "it is three in the morning" };

/** A routing file whose meaning depends on `name` alone, and on `more`. */
export const file = (name: string, more = ""): string =>
  `version: 1\n${more}providers: { p: { kind: simulated } }\nmodels: { ${name}: { targets: [p/x] } }\n`;
/** The next generation has to prove itself for a minute. */
export const trial = "rollout: { canary: 10%, for: 1m, min_requests: 10 }\n";

const opened: (() => Promise<void>)[] = [];
/** For `afterEach`. */
export async function strikeStages(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

/** Sets a stage on which the source says `first`, and boots. */
export async function setStage(first: string | Said, more: Partial<Setting> = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-stage-"));
  opened.push(async () => rmSync(directory, { recursive: true, force: true }));
  const sleep = () => new Promise<void>(() => {});
  const setting = { variables: {}, onMove: () => {}, control: controlHere, sleep, ...more };
  return begin(join(directory, "data/state.sqlite"), { said: asSaid(first), now: noon, ...setting });
}

interface Setting {
  variables: Readonly<Record<string, string>>;
  readonly onMove: (stage: Pick<Stage, "database">) => void;
  /** Default: one that writes in this thread, which is quicker. */
  readonly control: (file: string) => Control;
  /** The clock's; by default nobody who waits for time to pass sees it do so. */
  readonly sleep: Clock["sleep"];
  readonly listener?: RolloutListener;
}

interface World extends Setting {
  said: Said;
  now: EpochMs;
}

/** The real one, with its thread. */
export const controlInThread = (file: string): Control => openControl(file, noon, () => {});

/** The same tables and the same reads and writes, without the thread. */
function controlHere(file: string): Control {
  mkdirSync(dirname(file), { recursive: true });
  const sqlite = openSqlite(file, { busyMs: 1_000 });
  prepareControl(sqlite);
  return {
    remembered: remember(sqlite),
    commit: async (changes) => {
      commit(sqlite, changes);
      return null;
    },
    checkpoint: async () => null,
    read: (reader) => reader(sqlite),
    close: async () => sqlite.close(),
  };
}

async function begin(database: string, world: World): Promise<Stage> {
  const lines: [string, Readonly<Record<string, unknown>>][] = [];
  const moves: [number, number | null][] = [];
  const clock: Clock = { now: () => world.now, sleep: world.sleep };
  const control = world.control(database);
  let served: ReturnType<Stage["served"]> = null;
  const log = (fields: Readonly<Record<string, unknown>>, message: string) =>
    void lines.push([message, fields]);
  const rolling = openRollout({
    source: sourceOf(world),
    kind: "file",
    desk: fileDesk("routes.yaml"),
    control,
    clock,
    judge: {
      engine: "0.1.0",
      get variables() {
        return world.variables;
      },
      look: (ref) => (ref.kind === "env" && world.variables[ref.name] === undefined ? "unset" : "set"),
      mayBeOpen: true,
    },
    gate: { database: "", engine: "0.1.0", variables: {}, secretsDir: "" },
    log: { info: log, error: log },
    ...(world.listener === undefined ? {} : { listener: world.listener }),
    serve: (stable, canary) => {
      moves.push([stable.number, canary?.generation.number ?? null]);
      world.onMove({ database });
      served = { stable, trial: canary };
    },
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await control.close();
    isOpen = false;
  };
  opened.unshift(close);
  await rolling.rollout.boot();
  return {
    rolling,
    control,
    database,
    moves,
    lines,
    served: () => served,
    say: async (what) => {
      world.said = asSaid(what);
      await rolling.rollout.look();
      return rolling.status();
    },
    set: (variables) => {
      world.variables = variables;
    },
    pass: async (ms) => {
      world.now += ms;
      await rolling.rollout.checkTrial();
    },
    restart: async (before = () => {}) => {
      await close();
      before({
        say: (what) => {
          world.said = asSaid(what);
        },
        forgetVariables: () => {
          world.variables = {};
        },
      });
      return begin(database, world);
    },
  };
}

const asSaid = (what: string | Said): Said => (typeof what === "string" ? { yaml: what } : what);

function sourceOf(world: World): Source {
  return {
    read: async () => {
      const { said } = world;
      await said.after;
      return said.reading ?? { kind: "candidate", candidate: candidateOf(said) };
    },
    watch: () => ({ stop: () => {} }),
    sync: () => ({ state: "idle", reason: null, last_success: null, ...world.said.sync }),
    accepted: () => {},
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function candidateOf({ yaml = "", tests, sha }: Said): Candidate {
  const about = {
    repo: "https://git.example/routes",
    ref: "main",
    author: "Ana <ana@example>",
    signer: null,
  };
  return {
    origin: sha === undefined ? { kind: "file", path: "routes.yaml" } : { kind: "git", sha, ...about },
    files: [{ name: "routes.yaml", bytes: bytes(yaml) }],
    tests: tests === undefined ? null : { name: "routes.test.yaml", bytes: bytes(tests) },
  };
}

/** The source can be reached by nobody. */
export const unreachable: Said = {
  reading: { kind: "nothing" },
  sync: { state: "failing", reason: "network: nobody answers" },
};
