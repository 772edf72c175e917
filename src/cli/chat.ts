import { err, ok, type Result } from "../core/result.ts";
import type { RequestRow } from "../domain/journal.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { requestIdOf } from "../gateway/request/arrival.ts";
import { serve } from "../gateway/serve.ts";
import type { Local } from "../local.ts";
import { isAuto } from "../routing/plan.ts";
import { lookUp } from "../routing/resolve.ts";
import { type Answer, readAnswer } from "./chat/answer.ts";
import { reportOf, tell } from "./chat/report.ts";
import { bodyOf, readSaid } from "./chat/said.ts";
import { noSuchModel, openConfig, visibleModels } from "./config.ts";
import { exit } from "./exit.ts";
import { type Form, misused, ofConfig, readWords } from "./form.ts";
import { printable, processShell, type Shell } from "./shell.ts";

const form: Form = {
  name: "chat",
  operands: "[MODEL] MESSAGE",
  most: 2,
  says: [
    "Asks a model once, as the gateway would, without one running; what is said goes to stdout as it comes.",
    "MODEL defaults to the file's default_model, else its first; a MESSAGE of - is read from stdin.",
    "Exit 1 when nothing answers, 69 when no provider could be reached.",
  ].join("\n"),
  flags: { "no-stream": "wait for the whole answer", json: "the answer and how it came about, as JSON" },
  options: {
    system: ["TEXT", "a system message to go first"],
    "max-tokens": ["N", "the most tokens of the answer"],
    ...ofConfig,
  },
};

/** `chat`: one request through the failover loop that serves, made here. */
export async function chat(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const said = await readSaid(words.value, shell);
  if (!said.ok) return misused(form, shell, said.error);
  let row: RequestRow | null = null;
  const opened = await openConfig(words.value, shell, {
    unset: "error",
    onEnd: (ended) => {
      row = ended;
    },
  });
  if (!opened.ok) return opened.error;
  const local = opened.value;
  const model = modelFor(local.snapshot, said.value.model);
  if (!model.ok) {
    await shell.err.write(`${model.error}\n`);
    return exit.usage;
  }
  const { json } = said.value;
  const write = json ? async () => {} : shell.out.write;
  const answer = await ask(local, bodyOf(model.value, said.value), (text) => write(printable(text)));
  local.close();
  if (json) await shell.out.write(`${JSON.stringify(reportOf(answer, row), null, 2)}\n`);
  else await tell(answer, row, shell);
  return codeFor(answer, row);
}

function modelFor(snapshot: Snapshot, named: string | null): Result<string, string> {
  const model = named ?? snapshot.defaultModel ?? visibleModels(snapshot)[0];
  if (model === undefined) return err("The file has no model that could be asked; name one.");
  const isThere = isAuto(snapshot, model) || lookUp(snapshot, model) !== null;
  return isThere ? ok(model) : err(noSuchModel(snapshot, model));
}

/** The whole way of a client's request, from the body on. */
async function ask(
  { gateway }: Local,
  body: object,
  write: (text: string) => Promise<void>,
): Promise<Answer> {
  const request = new Request("http://localhost/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const arrival = { request, id: requestIdOf(request.headers), at: gateway.wire.clock.now(), peer: "" };
  const response = await serve(gateway, "chat", { ...arrival, patient: () => {} });
  return readAnswer(response, write);
}

function codeFor({ error }: Answer, row: RequestRow | null): number {
  if (error === null) return exit.ok;
  const attempts = row?.attempts ?? [];
  if (attempts.length === 0) return error.code === "model_not_found" ? exit.usage : exit.failed;
  return attempts.every(({ outcome }) => outcome === "network") ? exit.unreachable : exit.failed;
}
