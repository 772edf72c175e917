import { err, ok, type Result } from "../core/result.ts";
import { type DurationMs, parseDuration } from "../core/units.ts";
import { type Endpoint, endpoints } from "../domain/endpoint.ts";
import { conduct, distinctIn, surveyOf } from "../gateway/probe/survey.ts";
import { usualQuestion } from "../gateway/request/question.ts";
import { noSuchModel, openConfig, visibleModels } from "./config.ts";
import { exit } from "./exit.ts";
import { type Form, misused, ofConfig, readWords, type Words } from "./form.ts";
import { printVerdicts } from "./probe/print.ts";
import { progressOn } from "./probe/progress.ts";
import { processShell, type Shell } from "./shell.ts";

const form: Form = {
  name: "probe",
  operands: "[MODEL]",
  most: 1,
  says: [
    "Asks each target of MODEL one small real question; without MODEL, those of every visible model, each once.",
    "Exit 1 when a model has no target that answers; what is off, or optional and without its key, is skipped.",
  ].join("\n"),
  flags: { json: "as JSON" },
  options: {
    timeout: ["TIME", "the most that one target may take; default 30s"],
    message: ["TEXT", "the question"],
    endpoint: ["NAME", "chat, completions or embeddings; default: what the model seems to be for"],
    ...ofConfig,
  },
};

/** So many targets are asked at the same time. */
const atOnce = 8;

/** `probe`: whether models can be had, found out by asking. */
export async function probe(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const plan = planOf(words.value);
  if (!plan.ok) return misused(form, shell, plan.error);
  const opened = await openConfig(words.value, shell, { unset: "error" });
  if (!opened.ok) return opened.error;
  const local = opened.value;
  const { snapshot, gateway } = local;
  const { model, longestMs } = plan.value;
  const asked = surveyOf(
    { ...gateway, snapshot },
    model === null ? visibleModels(snapshot) : [model],
    plan.value,
  );
  if ("unknown" in asked) {
    await shell.err.write(`${noSuchModel(snapshot, asked.unknown)}\n`);
    return exit.usage;
  }
  const progress = progressOn(shell.err, distinctIn(asked.survey).length);
  const manner = { signal: new AbortController().signal, atOnce, longestMs, onResult: progress.tell };
  const verdicts = await conduct({ ...gateway, snapshot }, asked.survey, manner);
  await progress.end();
  local.close();

  // Whoever names a model asks whether it answers; of all models only those count that should.
  const isAll = model === null;
  const isOk = verdicts.every(({ verdict }) => verdict === "ok" || (isAll && verdict === "skipped"));
  const text = words.value.has("json")
    ? JSON.stringify({ ok: isOk, models: verdicts }, null, 2)
    : printVerdicts(verdicts, shell.out.paint);
  await shell.out.write(`${text}\n`);
  return isOk ? exit.ok : exit.failed;
}

/** What the words ask for. */
interface Plan {
  /** Null: every visible one. */
  readonly model: string | null;
  readonly longestMs: DurationMs;
  readonly text: string;
  /** Null: what each model seems to be for. */
  readonly endpoint: Endpoint | null;
}

function planOf(words: Words): Result<Plan, string> {
  const longest = parseDuration(words.value("timeout") ?? "30s");
  if (!longest.ok) return err(`--timeout has to be ${longest.error}.`);
  const text = words.value("message") ?? usualQuestion;
  if (text === "") return err("--message is empty.");
  const named = words.value("endpoint");
  const endpoint = Object.keys(endpoints).find((name): name is Endpoint => name === named) ?? null;
  if (named !== undefined && endpoint === null)
    return err("--endpoint has to be chat, completions or embeddings.");
  return ok({ model: words.operands[0] ?? null, longestMs: longest.value, text, endpoint });
}
