import { isRecord } from "../core/record.ts";
import type { UpstreamRequest } from "../domain/adapter.ts";
import { type Fields, mapKept, withFields } from "./fields.ts";

/** What answers of other providers bear, and only they can use. */
const foreign: Fields = {
  reasoning: undefined,
  reasoning_content: undefined,
  reasoning_details: undefined,
  thinking_blocks: undefined,
  extra_content: undefined,
};
/** The same of their tool calls; some number them. */
const foreignInCalls: Fields = { extra_content: undefined, index: undefined };

/** OpenAI's models by their own names: a vendor before it means another server, which may know the fields. */
const ownModel = /^(?:ft:)?(?:gpt-(?!oss)|chatgpt-|o\d)[^/]*$/;
const ownAddress = /^https:\/\/(?:[^/]+\.)?openai\.(?:azure\.)?com(?:[:/]|$)/;

/**
 * A conversation as OpenAI itself takes it, though other providers were part of it: it answers 400 to any field of a message
 * that it does not know. Nothing is lost, for it would not read them. The very request where there is none.
 */
export function withoutForeign(request: UpstreamRequest): UpstreamRequest {
  const { model, params, provider } = request;
  const { messages } = params;
  if (!Array.isArray(messages) || !(ownModel.test(model) || ownAddress.test(provider.baseUrl)))
    return request;
  const own = mapKept(messages, ownMessage);
  return own === messages ? request : { ...request, params: { ...params, messages: own } };
}

function ownMessage(message: unknown): unknown {
  if (!isRecord(message) || message["role"] !== "assistant") return message;
  const { tool_calls: calls } = message;
  return withFields(message, {
    ...foreign,
    ...(Array.isArray(calls) ? { tool_calls: mapKept(calls, ownCall) } : {}),
  });
}

const ownCall = (call: unknown): unknown => (isRecord(call) ? withFields(call, foreignInCalls) : call);
