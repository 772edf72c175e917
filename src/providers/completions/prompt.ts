import { err, ok, type Result } from "../../core/result.ts";
import type { Loss, UpstreamRequest } from "../../domain/adapter.ts";
import { Losses } from "../losses.ts";
import { decodeInput } from "../tokens.ts";

/** A text completion put as a chat, with what its answer still has to know. */
export interface Asked {
  readonly chat: UpstreamRequest;
  readonly prompt: string;
  /** Whether the answer begins with the prompt. */
  readonly echo: boolean;
  readonly losses: readonly Loss[];
}

/** What OpenAI's text completions stop at when nothing is said. */
const defaultMaxTokens = 16;

const noText = "text completions answer with text alone";
const chatOnly = [
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "functions",
  "function_call",
  "modalities",
  "audio",
];

/**
 * The prompt as a user's one message, word for word, and every other field as it is; or one sentence why that is no chat.
 *
 * https://platform.openai.com/docs/api-reference/completions/create
 */
export function asChat(request: UpstreamRequest): Result<Asked, string> {
  const { prompt: said, echo, suffix, best_of: best, logprobs, ...params } = request.params;
  const prompt = onePrompt(said, request.model);
  if (!prompt.ok) return prompt;
  const bound = params["max_tokens"] ?? params["max_completion_tokens"] ?? defaultMaxTokens;
  if (bound === 0) return err("max_tokens of 0 asks for a score of the prompt, which no chat gives");

  const losses = new Losses();
  for (const name of chatOnly) losses.dropped(name, noText, params[name]);
  if (suffix !== "") losses.dropped("suffix", "a chat ends where its answer ends", suffix);
  if (typeof best === "number" && best > numberOr(params["n"], 1))
    losses.dropped("best_of", "a chat gives every answer that it makes", best);
  const chat: UpstreamRequest = {
    ...request,
    endpoint: "chat",
    params: {
      ...without(params, chatOnly),
      ...(params["max_completion_tokens"] === undefined ? { max_tokens: bound } : {}),
      ...chatLogprobs(logprobs),
      messages: [{ role: "user", content: prompt.value }],
    },
  };
  return ok({ chat, prompt: prompt.value, echo: echo === true, losses: losses.all });
}

function onePrompt(said: unknown, model: string): Result<string, string> {
  const decoded = decodeInput(said, model);
  if (!decoded.ok) return err(`prompt: ${decoded.error}`);
  const prompts: readonly unknown[] = Array.isArray(decoded.value) ? decoded.value : [decoded.value];
  const [prompt] = prompts;
  if (prompts.length > 1) return err("it takes one prompt at a time; send each in a request of its own");
  return typeof prompt === "string" ? ok(prompt) : err("the prompt has to be text or tokens");
}

/** How many alternatives to tell; chat asks for it in two fields. */
function chatLogprobs(asked: unknown): Readonly<Record<string, unknown>> {
  if (typeof asked !== "number") return asked === undefined ? {} : { logprobs: asked };
  return { logprobs: true, ...(asked > 0 ? { top_logprobs: asked } : {}) };
}

const without = (
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
