import { isRecord } from "../core/record.ts";
import { ok, type Result } from "../core/result.ts";
import type { Adapter, Decoded, EncodedRequest, Loss, UpstreamRequest } from "../domain/adapter.ts";
import { textMachine } from "./completions/chunks.ts";
import { type Asked, asChat } from "./completions/prompt.ts";
import { lengthOf, textFinish, textHead, textLogprobs, textOf } from "./completions/text.ts";
import type { Fields } from "./fields.ts";
import { hideMemory } from "./machine.ts";

/**
 * An adapter that serves text completions by chat, where its provider has no endpoint for them: the prompt becomes a user's one
 * message, the answer's text the completion. Models that `takesPrompts` have one all the same.
 */
export function withCompletions(
  adapter: Adapter,
  takesPrompts: (request: Pick<UpstreamRequest, "model" | "provider">) => boolean = () => true,
): Adapter {
  const isNative = (request: Pick<UpstreamRequest, "model" | "provider">) =>
    adapter.serves("completions", request.provider) && takesPrompts(request);
  /** Null for what the adapter does by itself. */
  const askedOf = (request: UpstreamRequest): Result<Asked, string> | null =>
    request.endpoint !== "completions" || isNative(request) ? null : asChat(request);
  /** For reading answers: what could not be asked has none. */
  const chatOf = (request: UpstreamRequest): UpstreamRequest => {
    const asked = askedOf(request);
    return asked?.ok ? asked.value.chat : request;
  };

  return {
    ...adapter,
    serves: (endpoint, provider) =>
      adapter.serves(endpoint, provider) || (endpoint === "completions" && adapter.serves("chat", provider)),
    streams: (endpoint, provider) =>
      adapter.streams?.(adapter.serves(endpoint, provider) ? endpoint : "chat", provider) ?? true,
    speaks: (request) => {
      const isMapped = request.endpoint === "completions" && !isNative(request);
      return isMapped ? "chat" : (adapter.speaks?.(request) ?? request.endpoint);
    },
    encode: (request) => {
      const asked = askedOf(request);
      if (asked === null) return adapter.encode(request);
      return asked.ok ? encode(adapter, asked.value) : asked;
    },
    decode: (body, request) => {
      const asked = askedOf(request);
      return asked?.ok ? decode(adapter, body, asked.value) : adapter.decode(body, request);
    },
    decodeError: (status, body, headers, request) =>
      adapter.decodeError(status, body, headers, request === undefined ? undefined : chatOf(request)),
    stream: (request) => {
      const asked = askedOf(request);
      return asked?.ok
        ? hideMemory(textMachine(adapter.stream(asked.value.chat), asked.value))
        : adapter.stream(request);
    },
  };
}

function encode(adapter: Adapter, { chat, losses }: Asked): Result<EncodedRequest, string> {
  const encoded = adapter.encode(chat);
  return encoded.ok
    ? ok({ ...encoded.value, losses: [...losses, ...encoded.value.losses.map(inTheirWords)] })
    : encoded;
}

/** The field of a text completion that a lost field of the chat came from. */
const origins: Readonly<Record<string, string>> = { messages: "prompt", top_logprobs: "logprobs" };
const inTheirWords = ({ param, says }: Loss): Loss => ({ param: origins[param] ?? param, says });

function decode(adapter: Adapter, body: unknown, asked: Asked): Decoded {
  const decoded = adapter.decode(body, asked.chat);
  if (!decoded.ok || !isRecord(decoded.body)) return decoded;
  const said: readonly unknown[] = Array.isArray(decoded.body["choices"]) ? decoded.body["choices"] : [];
  const choices = said.filter(isRecord).map((choice) => textChoice(choice, asked));
  return { ...decoded, body: { ...textHead(decoded.body), choices } };
}

const textChoice = (choice: Fields, { prompt, echo }: Asked): Fields => ({
  text: (echo ? prompt : "") + textOf(choice["message"]),
  index: choice["index"],
  logprobs: textLogprobs(choice["logprobs"], lengthOf(prompt)),
  finish_reason: textFinish(choice["finish_reason"]) ?? "stop",
});
