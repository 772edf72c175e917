import { type Failure, failure } from "../domain/failure.ts";

/** What OpenAI's schema allows. https://platform.openai.com/docs/api-reference/chat/object */
const finishReasons = ["stop", "length", "tool_calls", "content_filter", "function_call"] as const;
/** One of OpenAI's reasons. */
export type FinishReason = (typeof finishReasons)[number];

const known: ReadonlySet<unknown> = new Set(finishReasons);

/** Whether a reason needs no translation. */
export const isFinishReason = (said: unknown): said is FinishReason => known.has(said);

/** Other names in use, in lower case. */
const synonyms: Readonly<Record<string, FinishReason>> = {
  ...Object.fromEntries(finishReasons.map((reason) => [reason, reason])),
  eos: "stop",
  eos_token: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  complete: "stop",
  completed: "stop",
  max_tokens: "length",
  max_output_tokens: "length",
  max_length: "length",
  // Mistral: the context is full.
  model_length: "length",
  model_context_window_exceeded: "length",
  incomplete: "length",
  tool_use: "tool_calls",
  tool_call: "tool_calls",
  content_filtered: "content_filter",
  safety: "content_filter",
  // Zhipu.
  sensitive: "content_filter",
  refusal: "content_filter",
};

/** Reasons that are none: the model broke off. */
const breakdowns: Readonly<Record<string, Failure["kind"]>> = {
  error: "server",
  abort: "server",
  // Zhipu and DeepSeek.
  network_error: "server",
  insufficient_system_resource: "overloaded",
};

/** A reason in OpenAI's words; null while there is none. What no table knows has at least stopped. */
export function finishReason(said: unknown): FinishReason | null {
  if (typeof said !== "string" || said === "") return null;
  const name = said.toLowerCase();
  return (Object.hasOwn(synonyms, name) ? synonyms[name] : undefined) ?? "stop";
}

/** The failure that a finish reason stands for; null when it is a real one. */
export function breakdown(said: unknown): Failure | null {
  const name = typeof said === "string" ? said.toLowerCase() : "";
  const kind = Object.hasOwn(breakdowns, name) ? breakdowns[name] : undefined;
  return kind === undefined
    ? null
    : failure(kind, `the provider ended the answer with "${name}"`, { code: name });
}
