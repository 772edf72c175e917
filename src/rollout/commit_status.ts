import { readFile } from "node:fs/promises";
import type { DurationMs } from "../core/units.ts";
import type { Clock } from "../runtime/clock.ts";
import { type CommitState, callOf, type Forge } from "./forge.ts";
import { type Attempted, shaOf } from "./generation.ts";
import type { RolloutListener } from "./open.ts";
import type { SystemLog } from "./report.ts";

/** A forge that does not answer is given up. */
const patienceMs: DurationMs = 10_000;
/** The pauses before it is tried again; a newer word about a commit takes the place of an older one. */
const pausesMs: readonly DurationMs[] = [1_000, 5_000, 30_000];

/** So many commits are remembered, so that none is told the same twice. */
const mostCommits = 100;

/** What a forge is told with. */
export interface CommitStatusFacts {
  readonly forge: Forge;
  readonly log: SystemLog;
  readonly clock: Pick<Clock, "sleep">;
}

/** Posts back to the forge how each commit fares. Nothing waits for it, and nothing fails by it: it is logged. */
export function commitStatusOf(facts: CommitStatusFacts): RolloutListener {
  const leaving = new AbortController();
  /** The newest word about each commit. */
  const words = new Map<string, string>();
  let telling: Promise<void> = Promise.resolve();
  const tell = (sha: string, fares: CommitState): void => {
    const word = `${fares.state} ${fares.says}`;
    if (words.get(sha) === word) return;
    words.delete(sha);
    words.set(sha, word);
    for (const oldest of words.keys()) if (words.size > mostCommits) words.delete(oldest);
    const isOver = () => leaving.signal.aborted || words.get(sha) !== word;
    telling = telling.then(() => post(facts, sha, fares, isOver, leaving.signal));
  };
  return {
    seen: ({ origin }) => {
      const sha = shaOf(origin);
      if (sha !== null) tell(sha, { state: "pending", says: "being checked" });
    },
    attempted: (attempted) => {
      const { gitSha } = attempted;
      if (gitSha !== null) tell(gitSha, stateOf(attempted));
    },
    stop: () => leaving.abort(),
  };
}

/** How a commit fares whose configuration came so far. */
function stateOf({ generation, state, stage, reason, diagnostics }: Attempted): CommitState {
  const name = `generation ${generation}`;
  const why = reason === null ? "" : `: ${reason}`;
  switch (state) {
    case "active":
      return { state: "success", says: `live as ${name}` };
    case "canary":
      return { state: "running", says: `on trial as ${name}` };
    case "held":
      return { state: "pending", says: `good, and held back${why}` };
    case "rejected":
      return { state: "failure", says: `refused at ${stage}${mistakesIn(diagnostics)}` };
    case "quarantined":
      return { state: "failure", says: `taken back at ${stage}${why}` };
    case "retired":
      return { state: "failure", says: `out of service${why}` };
  }
}

function mistakesIn(diagnostics: Attempted["diagnostics"]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first === undefined) return "";
  const more = errors.length === 1 ? "" : ` and ${errors.length - 1} more`;
  return `: ${first.code} at ${first.file}:${first.line}:${first.column}${more}`;
}

async function post(
  { forge, log, clock }: CommitStatusFacts,
  sha: string,
  fares: CommitState,
  isOver: () => boolean,
  leaving: AbortSignal,
): Promise<void> {
  for (const pauseMs of [0, ...pausesMs]) {
    if (pauseMs > 0) await clock.sleep(pauseMs, leaving);
    if (isOver() && pauseMs > 0) return;
    const problem = await postOnce(forge, sha, fares);
    if (problem === null) return;
    log.error(
      { git_sha: sha, state: fares.state, why: problem.says },
      "the forge did not take the status of a commit",
    );
    if (!problem.mayPass) return;
  }
}

/** Why it was not taken, without a word of the answer, which might echo the token; null when it was. */
async function postOnce(
  forge: Forge,
  sha: string,
  fares: CommitState,
): Promise<{ readonly says: string; readonly mayPass: boolean } | null> {
  const token = await tokenIn(forge.tokenFile);
  if (token === null) return { says: "the file of GIT_SYNC_TOKEN_FILE cannot be read", mayPass: true };
  const { url, headers, body } = callOf(forge, sha, fares, token);
  const answer = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
  }).catch(() => null);
  await answer?.body?.cancel();
  if (answer === null) return { says: `${new URL(url).host} cannot be reached`, mayPass: true };
  if (answer.ok) return null;
  const mayPass = answer.status >= 500 || answer.status === 429;
  return { says: `${new URL(url).host} answers ${answer.status}`, mayPass };
}

/** Read anew each time, as for git; a user before the token is git's alone. */
async function tokenIn(file: string): Promise<string | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  const line = (text.split(/\r?\n/, 1)[0] ?? "").trim();
  return line === "" ? null : line.slice(line.indexOf(":") + 1);
}
