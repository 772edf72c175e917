import { err, type Result } from "../../core/result.ts";
import type { DurationMs, EpochMs, Share } from "../../core/units.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Reading, Source, SyncState } from "../source.ts";
import { checkAccess } from "./access.ts";
import { denAt, isThere, makeDen } from "./den.ts";
import { type Failure, type FailureClass, fail, reasonOf } from "./failure.ts";
import { type Git, gitOf } from "./git.ts";
import { type Judged, TipJudge } from "./judge.ts";
import { Mirror } from "./mirror.ts";
import { Timetable } from "./schedule.ts";
import type { GitSettings } from "./settings.ts";
import { readTrust, type Trust } from "./trust.ts";

/** What git sync is built from. */
export interface GitSourceOptions {
  readonly settings: GitSettings;
  /** A directory of its own, such as DATA_DIR/git; made where it is not there. */
  readonly directory: string;
  /** Ours; git gets its PATH, its proxies and its certificate authorities. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The commit that last went live. Of another repository or ref it binds nobody: people changed the setting. */
  readonly lastAccepted: { readonly sha: string; readonly repo?: string; readonly ref?: string } | null;
  readonly clock: Clock;
  readonly chance: () => Share;
  /** Of each git command; default {@link deadlineMs}. */
  readonly deadlineMs?: DurationMs;
}

/** A source that is followed. */
export interface GitSource extends Source {
  readonly failures: () => Failures;
  /** Somebody, such as a webhook, knows of something new: a look is due now, whatever failed before. */
  readonly hurry: () => void;
}

/** Looks that failed, and tips that were refused, since the process began. */
export interface Failures {
  /** Looks, since the last one that did not fail. */
  readonly consecutive: number;
  readonly byClass: Readonly<Record<FailureClass, number>>;
}

/** After it a git command and all that it started are killed. */
export const deadlineMs: DurationMs = 30_000;

/** The routing file of a git repository (DESIGN.md §6, git sync). */
export function gitSourceOf(options: GitSourceOptions): GitSource {
  const following = new Following(options);
  return {
    read: ({ force }) => following.read(force),
    watch: (hint) => following.timetable.watch(hint),
    sync: () => following.sync,
    failures: () => following.failures,
    accepted: (origin) => {
      if (origin.kind === "git") following.judge.accepted = origin.sha;
    },
    hurry: () => following.timetable.hurry(),
  };
}

/** Looks at the remote, one look at a time, and remembers how that goes. */
class Following {
  readonly timetable: Timetable;
  readonly judge: TipJudge;
  readonly #settings: GitSettings;
  readonly #clock: Clock;
  readonly #git: Git;
  readonly #mirror: Mirror;
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether our directory was made by this process. */
  #isMade = false;
  #trust: Trust | null = null;
  #judged: Judged | null = null;
  #failure: Failure | null = null;
  #lastSuccess: EpochMs | null = null;
  #consecutive = 0;
  readonly #byClass = { auth: 0, not_found: 0, network: 0, lock: 0, host_key: 0, verify: 0, timeout: 0 };

  constructor(options: GitSourceOptions) {
    const { settings, environment, clock, chance } = options;
    this.#settings = settings;
    this.#clock = clock;
    const den = denAt(options.directory);
    this.#git = gitOf({ settings, den, environment, deadlineMs: options.deadlineMs ?? deadlineMs });
    this.#mirror = new Mirror(this.#git);
    this.judge = new TipJudge(settings, this.#mirror, binding(options));
    this.timetable = new Timetable({ cron: settings.cron, clock, chance });
  }

  get sync(): SyncState {
    const last_success = this.#lastSuccess;
    if (this.#failure !== null) return { state: "failing", reason: reasonOf(this.#failure), last_success };
    if (this.#judged === null) return { state: "idle", reason: null, last_success };
    const { refusal } = this.#judged;
    if (refusal !== null) return { state: "refused", reason: reasonOf(refusal), last_success };
    return { state: "ok", reason: null, last_success };
  }

  get failures(): Failures {
    return { consecutive: this.#consecutive, byClass: { ...this.#byClass } };
  }

  read(force: boolean): Promise<Reading> {
    const turn = this.#turn.then(() => this.#read(force));
    this.#turn = turn;
    return turn;
  }

  async #read(force: boolean): Promise<Reading> {
    if (!this.timetable.takes(force)) return { kind: "nothing" };
    const judged = await this.#look().catch((error: unknown) => err(fail("lock", diskTrouble(error))));
    return judged.ok ? this.#note(judged.value) : this.#noteFailure(judged.error);
  }

  #note(judged: Judged): Reading {
    const { reading, refusal } = judged;
    // The same tip is told again at each look, and counted once.
    if (refusal !== null && judged !== this.#judged) this.#byClass[refusal.kind] += 1;
    this.#judged = judged;
    this.#failure = null;
    this.#consecutive = 0;
    this.timetable.succeeded();
    if (refusal === null) this.#lastSuccess = this.#clock.now();
    return reading;
  }

  #noteFailure(failure: Failure): Reading {
    this.#byClass[failure.kind] += 1;
    this.#failure = failure;
    this.#consecutive += 1;
    this.timetable.failed();
    return { kind: "nothing" };
  }

  /** Makes our directory: at the first look, for a disk that is full keeps nobody from a start, and where it was lost since. */
  #makeRoom(): void {
    const { den } = this.#git;
    if (this.#isMade && isThere(den)) return;
    this.#isMade = false;
    this.#trust = null;
    makeDen(den);
    this.#isMade = true;
  }

  async #look(): Promise<Result<Judged, Failure>> {
    const { allowedSigners } = this.#settings;
    this.#makeRoom();
    const access = await checkAccess(this.#settings);
    if (!access.ok) return access;
    if (allowedSigners !== null) {
      const trust = await readTrust(allowedSigners, this.#git, this.#trust);
      if (!trust.ok) return trust;
      this.#trust = trust.value;
    }
    const tip = await this.#mirror.fetch(access.value);
    if (!tip.ok) return tip;
    const judged = await this.judge.judge(tip.value, this.#trust);
    if (judged.ok || judged.error.kind !== "lock") return judged;
    const renewed = await this.#mirror.renew();
    return renewed.ok ? this.judge.judge(renewed.value, this.#trust) : renewed;
  }
}

/** The commit that the next one has to descend from. */
function binding({ lastAccepted, settings }: GitSourceOptions): string | null {
  if (lastAccepted === null) return null;
  const { sha, repo = settings.address.url, ref = settings.ref.shown } = lastAccepted;
  return repo === settings.address.url && ref === settings.ref.shown ? sha : null;
}

const diskTrouble = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
  return `The directory of git sync cannot be written: ${code}.`;
};
