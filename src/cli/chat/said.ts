import { err, ok, type Result } from "../../core/result.ts";
import type { Words } from "../form.ts";
import type { Shell } from "../shell.ts";

/** What the words of `chat` ask for. */
export interface Said {
  readonly model: string | null;
  readonly message: string;
  readonly system: string | null;
  readonly maxTokens: number | null;
  readonly stream: boolean;
  readonly json: boolean;
}

/** Reads them, and standard input where they say so. */
export async function readSaid(words: Words, shell: Shell): Promise<Result<Said, string>> {
  const { operands } = words;
  const given = operands.at(-1);
  if (given === undefined) return err("chat needs a message.");
  const bound = words.value("max-tokens");
  const maxTokens = bound === undefined ? null : Number(bound);
  if (maxTokens !== null && !(Number.isSafeInteger(maxTokens) && maxTokens > 0))
    return err("--max-tokens has to be a whole number of at least 1.");
  const message = given === "-" ? (await shell.read()).trimEnd() : given;
  if (message === "") return err("The message is empty.");
  const json = words.has("json");
  return ok({
    model: operands.length > 1 ? (operands[0] ?? null) : null,
    message,
    system: words.value("system") ?? null,
    maxTokens,
    stream: !json && !words.has("no-stream"),
    json,
  });
}

/** The body of the request that it makes. */
export const bodyOf = (model: string, { message, system, maxTokens, stream }: Said): object => ({
  model,
  messages: [
    ...(system === null ? [] : [{ role: "system", content: system }]),
    { role: "user", content: message },
  ],
  ...(maxTokens === null ? {} : { max_completion_tokens: maxTokens }),
  ...(stream ? { stream } : {}),
});
