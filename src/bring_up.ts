import { join } from "node:path";
import type { Diagnostic } from "./config/diagnostic.ts";
import { err, ok, type Result } from "./core/result.ts";
import { liveOf, Pointer } from "./gateway/live.ts";
import { keyringOf } from "./gateway/request/keyring.ts";
import type { Environment, Lasting } from "./lasting.ts";
import { isGoodNews } from "./metrics/database.ts";
import { type Journal, openJournal } from "./metrics/journal.ts";
import { keepingOf } from "./metrics/keeping.ts";
import type { Judge } from "./rollout/candidate.ts";
import type { Drafting } from "./rollout/draft/question.ts";
import type { Generation } from "./rollout/generation.ts";
import { openRollout, type Rolling } from "./rollout/open.ts";
import type { Trial } from "./rollout/trial.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { isLoopback } from "./settings.ts";
import { version } from "./version.ts";

/** What serves, once something does. */
export interface Up {
  readonly pointer: Pointer;
  readonly rolling: Rolling;
  readonly journal: Journal;
  readonly generation: Generation;
  readonly drafting: Drafting;
}

/** Finds a configuration that can be served, and opens the journal by it; or says why there is none. */
export async function bringUp(
  lasting: Lasting,
  environment: Environment,
): Promise<Result<Up, readonly Diagnostic[]>> {
  const { control, followed, logs, settings } = lasting;
  const served: Served = { pointer: null, journal: null };
  const { secretsDir } = settings;
  const database = join(settings.dataDir, "switchyard.sqlite");
  const drafting = { database, engine: version, variables: environment, secretsDir };
  const rolling = openRollout({
    ...followed,
    control,
    clock,
    judge: judgeOf(lasting, environment),
    gate: drafting,
    log: logs.system,
    serve: (stable, trial) => serve(lasting, served, stable, trial),
  });
  const booted = await rolling.rollout.boot();
  if (!booted.ok || served.pointer === null)
    return err(booted.ok || booted.error.length === 0 ? followed.silence() : booted.error);
  const journal = openJournal({
    file: database,
    keeping: keepingOf(booted.value.snapshot),
    onProblem: ({ code, message }) => logs.system[isGoodNews(code) ? "info" : "error"]({ code }, message),
  });
  served.journal = journal;
  return ok({ pointer: served.pointer, rolling, journal, generation: booted.value, drafting });
}

/** Not there before the first configuration is. */
interface Served {
  pointer: Pointer | null;
  journal: Journal | null;
}

/** Moves the pointer, and whatever else goes by the configuration. */
function serve({ vault, logs }: Lasting, served: Served, stable: Generation, trial: Trial | null): void {
  const liveAs = ({ number, snapshot }: Generation, arm: "stable" | "canary") =>
    liveOf(snapshot, keyringOf(snapshot, vault, clock.now()), number, arm);
  const live = liveAs(stable, "stable");
  const canary =
    trial === null ? null : { live: liveAs(trial.generation, "canary"), share: trial.rules.canary };
  served.pointer ??= new Pointer(live);
  served.pointer.replace(live, canary);
  logs.reconfigure(stable.snapshot.logging);
  served.journal?.keep(keepingOf(stable.snapshot));
}

const judgeOf = ({ vault, settings }: Lasting, environment: Environment): Judge => ({
  engine: version,
  variables: environment,
  look: (ref) => (ref.kind === "sha256" ? "set" : vault.look(ref, clock.now()).kind),
  mayBeOpen: settings.allowOpen || isLoopback(settings.host),
});
