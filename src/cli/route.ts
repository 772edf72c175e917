import { err, ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import { isAuto } from "../routing/plan.ts";
import { lookUp } from "../routing/resolve.ts";
import { systemClock } from "../runtime/clock.ts";
import { VirtualClock } from "../simulate/clock.ts";
import { readQuestion } from "../simulate/explain/read.ts";
import { type Explanation, explain } from "../simulate/explain.ts";
import { worldOf } from "../simulate/world.ts";
import { callAdmin, notOurs } from "./admin_call.ts";
import { noSuchModel, openConfig } from "./config.ts";
import { exit } from "./exit.ts";
import { type Form, misused, ofConfig, readWords, type Words } from "./form.ts";
import { matrix } from "./route/matrix.ts";
import { printExplanation } from "./route/print.ts";
import { explanationIn } from "./route/told.ts";
import { bodyOf, momentIn, sayWord } from "./route/words.ts";
import { processShell, type Shell } from "./shell.ts";

const formats = ["pretty", "json"] as const;

const form: Form = {
  name: "route",
  operands: "[MODEL]",
  most: 1,
  says: [
    "Why a request for MODEL would go where it goes: every rule that speaks, with its line, through the very code that serves.",
    "Works on a file: nothing is used yet, every secret counts as set, every provider answers unless --fail says otherwise.",
    "With --server it works on the live figures of a running gateway, of which it changes none. Nobody is called either way.",
    "",
    "--matrix asks for every model, or for MODEL, while each provider is down, one at a time. A model that one provider alone",
    "can answer has no answer while that one is down, and that counts.",
    "",
    "Exit 1 when nothing answers, or MODEL is not there; with --matrix when a model has no answer in some outage.",
  ].join("\n"),
  flags: {
    stream: "the answer is to be streamed",
    matrix: "who answers while each provider is down",
    json: "as JSON, the same as --format json",
  },
  options: {
    key: ["ID", "the key that asks; default: somebody whom no key's rules restrict"],
    user: ["NAME", "the end user, for models that stick to one"],
    tokens: ["N", "tokens of the prompt; default 10"],
    "max-tokens": ["N", "the request's own bound on its answer"],
    endpoint: ["NAME", "chat, completions or embeddings; default: what the model seems to be for"],
    fail: [
      "PROVIDER=KIND[:TIMES]",
      "its next TIMES attempts, or all, fail so; with ,retry_after=20s or ,latency=2s behind it; may be repeated",
    ],
    seed: ["N", "what chance is drawn from; default 0"],
    at: ["TIME", "when it is asked, as in 2026-01-31T08:00:00Z; default now"],
    server: ["URL", "a running gateway, asked with the setting ADMIN_KEY"],
    format: [formats.join("|"), "how to tell; default pretty"],
    ...ofConfig,
  },
};

/** `route`: one decision, explained step by step; or the matrix of outages. */
export async function route(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const read = await readWords(form, args, shell);
  if (!read.ok) return read.error;
  const words = read.value;
  const checked = check(words);
  if (!checked.ok) return misused(form, shell, checked.error);
  const { isJson, at } = checked.value;
  if (words.has("matrix")) {
    const local = await openConfig(words, shell, { unset: "warning" });
    if (!local.ok) return local.error;
    local.value.close();
    const asked = { model: words.operands[0] ?? null, key: words.value("key") ?? null, at, isJson };
    return matrix(local.value.snapshot, asked, shell, (mistake) => misused(form, shell, mistake));
  }
  const body = bodyOf(words);
  if (!body.ok) return misused(form, shell, body.error);
  const server = words.value("server");
  const told = await (server === undefined
    ? explainFile(words, body.value, at, shell)
    : explainRunning(server, body.value, shell));
  if (!told.ok) return told.error;
  const { explanation, remark } = told.value;
  const text = isJson
    ? JSON.stringify(explanation, null, 2)
    : printExplanation(explanation, remark, shell.out.paint);
  await shell.out.write(`${text}\n`);
  return explanation.provider === null ? exit.failed : exit.ok;
}

/** Words that mean nothing beside others are refused: an answer to another question is worse than none. */
function check(words: Words): Result<{ readonly isJson: boolean; readonly at: EpochMs }, string> {
  const given = (...options: readonly string[]) =>
    options.find((option) => words.value(option) !== undefined);
  const said = words.value("format") ?? "pretty";
  const format = words.has("json") ? "json" : formats.find((each) => each === said);
  if (format === undefined) return err(`route has no format ${JSON.stringify(said)}.`);
  const written = words.value("at");
  const at = written === undefined ? ok(systemClock.now()) : momentIn(written);
  if (!at.ok) return at;
  const isMatrix = words.has("matrix");
  const odd = isMatrix
    ? given("server", "fail", "user", "tokens", "max-tokens", "endpoint", "seed")
    : words.value("server") === undefined
      ? undefined
      : given("at", "config");
  if (odd !== undefined) return err(`--${odd} says nothing beside --${isMatrix ? "matrix" : "server"}.`);
  if (!isMatrix && words.operands[0] === undefined) return err("route needs a MODEL, or --matrix.");
  return ok({ isJson: format === "json", at: at.value });
}

type Body = Readonly<Record<string, unknown>>;

/** An explanation, and what it is to be read with. */
type Told = Result<{ readonly explanation: Explanation; readonly remark: string }, number>;

async function explainFile(words: Words, body: Body, at: EpochMs, shell: Shell): Promise<Told> {
  const local = await openConfig(words, shell, { unset: "warning" });
  if (!local.ok) return local;
  const { snapshot, close } = local.value;
  close();
  const question = readQuestion(snapshot, body);
  if (!question.ok) return err(await misused(form, shell, sayWord(question.error)));
  const explanation = await explain(worldOf(snapshot, { clock: new VirtualClock(at) }), question.value);
  const name = question.value.model ?? "";
  if (!isAuto(snapshot, name) && lookUp(snapshot, name) === null)
    await shell.err.write(`${noSuchModel(snapshot, name)}\n`);
  return ok({
    explanation,
    remark: "Of the file alone: nothing is used yet, and every secret counts as set.",
  });
}

async function explainRunning(server: string, body: Body, shell: Shell): Promise<Told> {
  const answer = await callAdmin(server, "/admin/api/explain", shell, body);
  const explanation = answer.ok ? explanationIn(answer.value.body) : null;
  if (explanation !== null)
    return ok({ explanation, remark: "With the live figures of the gateway, as of now." });
  const { message, code } = answer.ok ? notOurs(answer.value.origin, 200) : answer.error;
  await shell.err.write(`${message}\n`);
  return err(code);
}
