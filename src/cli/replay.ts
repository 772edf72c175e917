import { existsSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../config/compile.ts";
import { excerptsOf, printPretty } from "../config/print.ts";
import type { SourceFile } from "../config/source_file.ts";
import { err, ok, type Result } from "../core/result.ts";
import { parseDuration } from "../core/units.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { remember } from "../rollout/control_store.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { settingOf } from "../settings.ts";
import { recordingIn } from "../simulate/replay/database.ts";
import { gate } from "../simulate/replay/gate.ts";
import type { Recording } from "../simulate/replay/recorded.ts";
import { replay as replayTraffic } from "../simulate/replay/replay.ts";
import { openTrace } from "../simulate/replay/trace.ts";
import { version } from "../version.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords, type Words } from "./form.ts";
import { ofReports, outputsOf, writeOutputs } from "./outputs.ts";
import { readSide } from "./plan/side.ts";
import { progressOn } from "./replay/progress.ts";
import { formats, type Rendered, render } from "./replay/render.ts";
import { plain, processShell, type Shell } from "./shell.ts";
import { databaseOf } from "./trace.ts";

const form: Form = {
  name: "replay",
  operands: "[HEAD]",
  most: 1,
  says: "Runs a changed routing file and the present one over recorded traffic, and tells what the change would have done.",
  flags: { gate: "apply the gates.replay of the base: exit 1 when they are not passed" },
  options: {
    db: ["FILE", "the gateway's switchyard.sqlite; default the one in DATA_DIR"],
    trace: ["FILE", "a trace of `trace export` instead"],
    base: [
      "BASE",
      "what HEAD is compared with: a file, git:REF, or a running gateway; default what the one of DATA_DIR serves",
    ],
    since: ["TIME", "how much of the newest traffic; default that of the gate, else 24h"],
    seed: ["N", "of what has to be drawn; default 1"],
    format: [formats.join("|"), "how to tell; default pretty"],
    ...ofReports,
  },
};

/** `replay [HEAD]`: both configurations over recorded traffic. */
export async function replay(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const read = await readWords(form, args, shell);
  if (!read.ok) return read.error;
  const words = read.value;
  const format = formats.find((each) => each === (words.value("format") ?? "pretty"));
  if (format === undefined)
    return misused(form, shell, `replay has no format ${JSON.stringify(words.value("format"))}.`);
  const outputs = outputsOf(words, formats);
  if (!outputs.ok) return misused(form, shell, outputs.error);
  const seed = Number(words.value("seed") ?? 1);
  if (!Number.isSafeInteger(seed)) return misused(form, shell, "--seed has to be a whole number.");

  const configs = await openBoth(words, shell);
  if (!configs.ok) return configs.error;
  const { base, head } = configs.value;
  const since = parseDuration(words.value("since") ?? "24h");
  if (!since.ok) return misused(form, shell, `--since has to be ${since.error}.`);
  const sinceMs =
    words.value("since") === undefined ? (base.gates.replay?.sinceMs ?? since.value) : since.value;
  const opened = await openRecording(words, [base, head], shell);
  if (!opened.ok) return opened.error;

  const progress = progressOn(shell.err);
  const report = await replayTraffic(base, head, opened.value.recording, {
    sinceMs,
    seed,
    onProgress: progress.show,
  });
  await progress.done();
  opened.value.close();
  const verdict = words.has("gate") ? gate(report, base.gates) : null;
  const rendered: Rendered = { report, verdict };
  await shell.out.write(`${render(rendered, format, shell.out.paint)}\n`);
  const unwritten = await writeOutputs(outputs.value, (each) => render(rendered, each, plain), shell);
  // Without traffic there is nothing to hold against a change.
  const isPassed = verdict === null || verdict.kind === "passed" || report.requests === 0;
  return unwritten ?? (isPassed ? exit.ok : exit.failed);
}

async function openBoth(
  words: Words,
  shell: Shell,
): Promise<Result<{ readonly base: Snapshot; readonly head: Snapshot }, number>> {
  const headFile = settingOf("CONFIG", words.operands[0], shell.environment);
  const head = await openSide(headFile, headFile, shell);
  if (!head.ok) return head;
  const named = words.value("base");
  const base = named === undefined ? await openServed(shell) : await openSide(named, headFile, shell);
  return base.ok ? ok({ base: base.value, head: head.value }) : base;
}

async function openSide(origin: string, path: string, shell: Shell): Promise<Result<Snapshot, number>> {
  const side = await readSide(origin, path, shell);
  if (side.ok) return ok(side.value.snapshot);
  return side.error.kind === "missing"
    ? failWith(shell, side.error.message, side.error.code)
    : failWith(shell, printPretty(side.error.diagnostics, excerptsOf(side.error.files)), exit.failed);
}

/** What the gateway of DATA_DIR serves, or served last. */
async function openServed(shell: Shell): Promise<Result<Snapshot, number>> {
  const file = join(settingOf("DATA_DIR", undefined, shell.environment), "state.sqlite");
  const missing = `No base: ${JSON.stringify(file)} has no generation to compare with; name a file with --base.`;
  if (!existsSync(file)) return failWith(shell, missing, exit.usage);
  const sqlite = openSqlite(file, { readonly: true, busyMs: 5_000 });
  const { lastKnownGood } = remember(sqlite);
  sqlite.close();
  if (lastKnownGood === null) return failWith(shell, missing, exit.usage);
  return compiled(lastKnownGood.files, shell);
}

async function compiled(files: readonly SourceFile[], shell: Shell): Promise<Result<Snapshot, number>> {
  const result = compile(files, { engine: version, variables: shell.environment, unset: "warning" });
  return result.ok ? ok(result.snapshot) : failWith(shell, printPretty(result.diagnostics), exit.failed);
}

async function openRecording(
  words: Words,
  configs: readonly Snapshot[],
  shell: Shell,
): Promise<Result<{ readonly recording: Recording; readonly close: () => void }, number>> {
  const traceFile = words.value("trace");
  const file = traceFile ?? databaseOf(words.value("db"), shell);
  if (!existsSync(file)) return failWith(shell, `There is no file ${JSON.stringify(file)}.`, exit.usage);
  if (traceFile === undefined) {
    const sqlite = openSqlite(file, { readonly: true, busyMs: 5_000 });
    return ok({ recording: recordingIn(sqlite), close: sqlite.close });
  }
  const keyIds = configs.flatMap(({ auth }) => auth.keys.map(({ id }) => id));
  const opened = await openTrace(file, keyIds);
  return opened.ok
    ? ok({ recording: opened.value, close: () => {} })
    : failWith(shell, opened.error, exit.usage);
}

async function failWith(shell: Shell, words: string, code: number): Promise<Result<never, number>> {
  await shell.err.write(`${words}\n`);
  return err(code);
}
