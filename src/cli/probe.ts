import { err, ok, type Result } from "../core/result.ts";
import { type DurationMs, parseDuration } from "../core/units.ts";
import { type Endpoint, endpoints } from "../domain/endpoint.ts";
import { probe as probeTargets, type Question } from "../gateway/probe.ts";
import type { Asker } from "../gateway/request/ask.ts";
import { questionOf, usualQuestion } from "../gateway/request/question.ts";
import type { Local } from "../local.ts";
import { type Aim, aimsBehind, endpointFor } from "../routing/aims.ts";
import { noSuchModel, openConfig, visibleModels } from "./config.ts";
import { exit } from "./exit.ts";
import { type Form, misused, ofConfig, readWords, type Words } from "./form.ts";
import { printVerdicts } from "./probe/print.ts";
import { progressOn } from "./probe/progress.ts";
import { identityOf, type ModelVerdict, verdictOn } from "./probe/verdict.ts";
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
  const asked = askedOf(local, plan.value);
  if (!asked.ok) {
    await shell.err.write(`${asked.error}\n`);
    return exit.usage;
  }
  const verdicts = await judge(local, asked.value, plan.value.longestMs, shell);
  local.close();

  // Whoever names a model asks whether it answers; of all models only those count that should.
  const isAll = plan.value.model === null;
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

/** A model's name, and what each of its targets is asked. */
type Asked = readonly [model: string, questions: readonly Question[]];

function askedOf(
  { snapshot, gateway }: Local,
  { model, text, endpoint }: Plan,
): Result<readonly Asked[], string> {
  const asker: Asker = {
    ...{ key: null, user: null, labels: {}, arrivedAt: gateway.wire.clock.now() },
    ...{ chance: 0.5, stickyChance: { key: 0.5, user: 0.5 } },
  };
  const names = model === null ? visibleModels(snapshot) : [model];
  const asked: Asked[] = [];
  for (const name of names) {
    const aims = aimsBehind(snapshot, name);
    if (aims === null) return err(noSuchModel(snapshot, name));
    const ask = (aim: Aim) => questionOf(endpoint ?? endpointFor(aim.node), { model: name, text }, asker);
    asked.push([name, aims.map((aim) => ({ aim, ask: ask(aim) }))]);
  }
  return ok(asked);
}

/** Asks every endpoint once, whichever models share it, and tells of each as it goes. */
async function judge(
  { snapshot, gateway }: Local,
  asked: readonly Asked[],
  longestMs: DurationMs,
  shell: Shell,
): Promise<readonly ModelVerdict[]> {
  const distinct = new Map(asked.flatMap(([, questions]) => questions.map((one) => [identityOf(one), one])));
  const progress = progressOn(shell.err, distinct.size);
  const manner = { signal: new AbortController().signal, atOnce, longestMs, onResult: progress.tell };
  const probed = await probeTargets({ ...gateway, snapshot }, [...distinct.values()], manner);
  await progress.end();
  const results = new Map(probed.map((each) => [identityOf(each), each.result]));
  return asked.map(([model, questions]) =>
    verdictOn(model, questions, (one) => results.get(identityOf(one))),
  );
}
