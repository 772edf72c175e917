import { isRecord } from "../../core/record.ts";
import { type Fields, mapKept, withFields } from "../fields.ts";
import { fingerprint } from "../fingerprint.ts";
import type { Losses } from "../losses.ts";

/**
 * A conversation as Mistral takes it, though other providers were part of it; the very messages where nothing is to be changed.
 * `thinks`: the model reads the thoughts of earlier answers.
 *
 * https://docs.mistral.ai/api/#tag/chat
 */
export function mistralMessages(
  messages: readonly unknown[],
  thinks: boolean,
  losses: Losses,
): readonly unknown[] {
  const tidy = mapKept(messages, (message) =>
    isRecord(message) ? tidied(message, thinks, losses) : message,
  );
  return asPrefix(bridged(withoutEmpty(tidy), losses), losses);
}

function tidied(message: Fields, thinks: boolean, losses: Losses): Fields {
  const { role, name, reasoning, reasoning_content: already, tool_calls: calls, tool_call_id: id } = message;
  if (name !== undefined && role !== "tool")
    losses.dropped("messages", "Mistral knows names of tools alone", name, "messages[].name");
  const thought = typeof already === "string" && already !== "" ? already : reasoning;
  return withFields(message, {
    name: role === "tool" ? name : undefined,
    reasoning: undefined,
    reasoning_content: undefined,
    ...(thinks && role === "assistant" && typeof thought === "string" && thought !== ""
      ? { content: withThought(message["content"], thought) }
      : {}),
    ...(Array.isArray(calls) ? { tool_calls: mapKept(calls, tidyCall) } : {}),
    ...(typeof id === "string" ? { tool_call_id: mistralId(id) } : {}),
  });
}

/** Thoughts are a part of the content, before its text. https://docs.mistral.ai/capabilities/reasoning */
function withThought(content: unknown, thought: string): unknown {
  if (Array.isArray(content) && content.some((part) => isRecord(part) && part["type"] === "thinking"))
    return content;
  const thinking = { type: "thinking", thinking: [{ type: "text", text: thought }] };
  if (Array.isArray(content)) return [thinking, ...content];
  return typeof content === "string" && content !== ""
    ? [thinking, { type: "text", text: content }]
    : [thinking];
}

function tidyCall(call: unknown): unknown {
  if (!isRecord(call) || typeof call["id"] !== "string") return call;
  const { function: called } = call;
  return withFields(call, {
    id: mistralId(call["id"]),
    extra_content: undefined,
    // OpenAI's SDK hands them back with what it has read.
    ...(isRecord(called) ? { function: withFields(called, { parsed_arguments: undefined }) } : {}),
  });
}

/** Mistral's ids of tool calls are nine letters and digits; another provider's become that, the same for the same. */
const mistralId = (id: string): string => (/^[a-zA-Z0-9]{9}$/.test(id) ? id : fingerprint(id).slice(0, 9));

/** An assistant's message that says and calls nothing is refused, and nothing is lost without it. */
const withoutEmpty = (messages: readonly unknown[]): readonly unknown[] =>
  messages.some(isEmpty) ? messages.filter((message) => !isEmpty(message)) : messages;

function isEmpty(message: unknown): boolean {
  if (!isRecord(message) || message["role"] !== "assistant") return false;
  const { content, tool_calls: calls } = message;
  const isSilent = content === undefined || content === null || content === "" || isEmptyList(content);
  return isSilent && (!Array.isArray(calls) || isEmptyList(calls));
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** A user speaks after an assistant, never right after a tool. */
function bridged(messages: readonly unknown[], losses: Losses): readonly unknown[] {
  const between = { role: "assistant", content: "OK" };
  const whole = messages.flatMap((message, at) =>
    roleOf(message) === "user" && roleOf(messages[at - 1]) === "tool" ? [between, message] : [message],
  );
  if (whole.length === messages.length) return messages;
  losses.say(
    "messages",
    'messages: an assistant\'s "OK" put between tool and user, as Mistral wants one there',
  );
  return whole;
}

/** An assistant's message can only be the last one as the beginning of the answer. */
function asPrefix(messages: readonly unknown[], losses: Losses): readonly unknown[] {
  const last = messages.at(-1);
  if (!isRecord(last) || last["role"] !== "assistant" || last["prefix"] === true) return messages;
  if (Array.isArray(last["tool_calls"]) && last["tool_calls"].length > 0) return messages;
  losses.say(
    "messages",
    "messages: the last one sent as the beginning of the answer, as Mistral knows no other",
  );
  return [...messages.slice(0, -1), { ...last, prefix: true }];
}

const roleOf = (message: unknown): unknown => (isRecord(message) ? message["role"] : null);
