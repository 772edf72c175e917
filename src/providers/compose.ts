import type { StreamItem, UpstreamRequest } from "../domain/adapter.ts";
import { endpoints } from "../domain/endpoint.ts";
import type { Usage } from "../domain/usage.ts";
import type { Fields } from "./fields.ts";
import type { FinishReason } from "./finish_reason.ts";
import { bearsOutput, outputLength } from "./output.ts";

/** What an answer and all its chunks bear alike. */
export interface Head {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
}

/** The head of an answer whose protocol gives no time of its own. */
export const headOf = (request: UpstreamRequest, id: string, model: string): Head => ({
  id,
  created: Math.floor(request.at / 1_000),
  model,
});

/** One choice of a whole answer; `message` without its role. */
export interface ComposedChoice {
  readonly finish: FinishReason;
  readonly message: Fields;
  readonly logprobs?: unknown;
}

/** A whole chat answer out of what another protocol said. https://platform.openai.com/docs/api-reference/chat/object */
export function composeAnswer(head: Head, choices: readonly ComposedChoice[], usage: Usage): Fields {
  return {
    id: head.id,
    object: endpoints.chat.object,
    created: head.created,
    model: head.model,
    choices: choices.map(({ finish, message, logprobs = null }, index) => ({
      index,
      message: { role: "assistant", content: null, refusal: null, ...message },
      logprobs,
      finish_reason: finish,
    })),
    ...(isKnown(usage) ? { usage: composeUsage(usage) } : {}),
  };
}

/** One chunk of one choice. https://platform.openai.com/docs/api-reference/chat/streaming */
export function composeChunk(
  head: Head,
  delta: Fields,
  more: { readonly index?: number; readonly finish?: FinishReason | null; readonly logprobs?: unknown } = {},
): StreamItem {
  const { index = 0, finish = null, logprobs = null } = more;
  const { id, created, model } = head;
  const choices = [{ index, delta, logprobs, finish_reason: finish }];
  return {
    kind: "chunk",
    json: JSON.stringify({ id, object: endpoints.chat.chunk, created, model, choices }),
    output: finish !== null || bearsOutput(delta),
    finishes: finish === null ? 0 : 1,
    text: outputLength(delta),
  };
}

/** Tokens so far, as a stream tells them. */
export const composeUsageItem = (usage: Usage): StreamItem => ({
  kind: "usage",
  usage,
  json: isKnown(usage) ? composeUsage(usage) : null,
});

const isKnown = ({ prompt, completion, total }: Usage): boolean =>
  prompt !== null || completion !== null || total !== null;

/** Usage in OpenAI's shape; details only of what is known. https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage */
export function composeUsage({ prompt, completion, total, cached, cacheWrite, reasoning }: Usage): Fields {
  const counted = (details: Readonly<Record<string, number | null>>): Fields =>
    Object.fromEntries(Object.entries(details).filter(([, tokens]) => tokens !== null));
  const promptDetails = counted({ cached_tokens: cached, cache_write_tokens: cacheWrite });
  const completionDetails = counted({ reasoning_tokens: reasoning });
  return {
    prompt_tokens: prompt ?? 0,
    completion_tokens: completion ?? 0,
    total_tokens: total ?? (prompt ?? 0) + (completion ?? 0),
    ...(Object.keys(promptDetails).length === 0 ? {} : { prompt_tokens_details: promptDetails }),
    ...(Object.keys(completionDetails).length === 0 ? {} : { completion_tokens_details: completionDetails }),
  };
}
