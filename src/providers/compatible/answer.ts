import { isRecord } from "../../core/record.ts";
import type { Decoded, UpstreamRequest } from "../../domain/adapter.ts";
import { endpoints } from "../../domain/endpoint.ts";
import { type Failure, type FailureKind, failure } from "../../domain/failure.ts";
import { noUsage } from "../../domain/usage.ts";
import { inEncoding } from "../embedding.ts";
import { inBandFailure } from "../failures.ts";
import { type Fields, mapKept, withFields } from "../fields.ts";
import { fingerprint } from "../fingerprint.ts";
import { breakdown, finishReason } from "../finish_reason.ts";
import { readUsage, usageJson } from "../usage.ts";
import { wholeMessage } from "./message.ts";

/** OpenAI's service tiers; other servers have others, which its schema forbids. */
const serviceTiers: ReadonlySet<unknown> = new Set([
  "auto",
  "default",
  "flex",
  "scale",
  "priority",
  "fast",
  null,
  undefined,
]);

type Meaning = Readonly<Record<string, FailureKind>>;

/** Reads a whole answer of an OpenAI-compatible server, and fills in what OpenAI's schemas require. */
export function decodeAnswer(body: unknown, request: UpstreamRequest, meaning: Meaning): Decoded {
  if (!isRecord(body)) return malformed(`the answer has to be a JSON object; it is ${described(body)}`);
  const error = errorIn(body, meaning);
  if (error !== null) return { ok: false, failure: error };
  return request.endpoint === "embeddings"
    ? decodeEmbeddings(body, request)
    : decodeChoices(body, request, meaning);
}

/** The error that an object of a 200 bears, in any of the forms in use; null when it bears none. */
export function errorIn(body: Fields, meaning: Meaning): Failure | null {
  const { error } = body;
  if (isRecord(error) || (typeof error === "string" && error !== "")) return inBandFailure(body, meaning);
  // DashScope writes {code, message, request_id}, vLLM {object: "error", message, type, code}.
  const isBare =
    body["choices"] === undefined && body["data"] === undefined && typeof body["message"] === "string";
  return isBare && (body["code"] !== undefined || body["object"] === "error")
    ? inBandFailure(body, meaning)
    : null;
}

/** The failure that a single choice bears: an error of its own, or a finish reason that is none. */
export function choiceFailure(choice: Fields, meaning: Meaning): Failure | null {
  const { error } = choice;
  const hasError = isRecord(error) || (typeof error === "string" && error !== "");
  return hasError ? inBandFailure(choice, meaning) : breakdown(choice["finish_reason"]);
}

function decodeChoices(body: Fields, request: UpstreamRequest, meaning: Meaning): Decoded {
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length === 0) return malformed("the answer has no choices");
  const isChat = request.endpoint === "chat";
  for (const choice of choices) {
    if (!isRecord(choice)) return malformed("a choice of the answer is no object");
    const failed = choiceFailure(choice, meaning);
    if (failed !== null) return { ok: false, failure: failed };
    if (isChat && !isRecord(choice["message"])) return malformed("a choice of the answer has no message");
    if (!isChat && typeof choice["text"] !== "string") return malformed("a choice of the answer has no text");
  }
  const usage = body["usage"];
  const tidy = withFields(body, {
    ...envelope(body, request, endpoints[request.endpoint].object, choices),
    choices: mapKept(choices, isChat ? wholeChoice : wholeTextChoice),
    usage: usageJson(usage),
    ...(serviceTiers.has(body["service_tier"]) ? {} : { service_tier: undefined }),
  });
  return { ok: true, body: tidy, usage: readUsage(usage), model: modelOf(body) };
}

function decodeEmbeddings(body: Fields, request: UpstreamRequest): Decoded {
  const { data, usage } = body;
  if (!Array.isArray(data) || data.length === 0) return malformed("the answer has no embeddings");
  if (
    !data.every(
      (item) => isRecord(item) && (Array.isArray(item["embedding"]) || typeof item["embedding"] === "string"),
    )
  ) {
    return malformed("an item of the answer has no embedding");
  }
  const counted = readUsage(usage);
  const prompt = counted.prompt ?? counted.total ?? 0;
  const isCounted =
    isRecord(usage) &&
    typeof usage["prompt_tokens"] === "number" &&
    typeof usage["total_tokens"] === "number";
  const tidy = withFields(body, {
    object: "list",
    model: modelOf(body) ?? request.model,
    data: mapKept(data, (item, index) => wholeEmbedding(item, index, request.params["encoding_format"])),
    usage: isCounted ? usage : { prompt_tokens: prompt, total_tokens: counted.total ?? prompt },
  });
  return {
    ok: true,
    body: tidy,
    usage: isRecord(usage) ? { ...counted, completion: counted.completion ?? 0 } : noUsage,
    model: modelOf(body),
  };
}

/** What every answer and chunk has to have. An id that is missing is made of `source`, the same for the same. */
export function envelope(body: Fields, request: UpstreamRequest, object: string, source: unknown): Fields {
  const { id, created, model } = body;
  return {
    object,
    ...(typeof id === "string"
      ? {}
      : {
          id: `${request.endpoint === "chat" ? "chatcmpl" : "cmpl"}-${fingerprint(JSON.stringify(source))}`,
        }),
    ...(typeof created === "number" && Number.isInteger(created)
      ? {}
      : { created: typeof created === "number" ? Math.floor(created) : 0 }),
    ...(typeof model === "string" ? {} : { model: request.model }),
  };
}

function wholeChoice(choice: unknown, index: number): unknown {
  if (!isRecord(choice) || !isRecord(choice["message"])) return choice;
  const message = wholeMessage(choice["message"]);
  const called = Array.isArray(message["tool_calls"]) && message["tool_calls"].length > 0;
  return withFields(choice, {
    ...place(choice, index),
    finish_reason: finishReason(choice["finish_reason"]) ?? (called ? "tool_calls" : "stop"),
    message,
  });
}

const wholeTextChoice = (choice: unknown, index: number): unknown =>
  isRecord(choice)
    ? withFields(choice, {
        ...place(choice, index),
        finish_reason: finishReason(choice["finish_reason"]) ?? "stop",
      })
    : choice;

const place = (choice: Fields, index: number): Fields => ({
  ...(typeof choice["index"] === "number" ? {} : { index }),
  logprobs: wholeLogprobs(choice["logprobs"]),
});

/** A chat's log probabilities are of content and refusal, both named; a text completion's have other fields. */
export function wholeLogprobs(said: unknown): unknown {
  if (said === undefined) return null;
  return isRecord(said) && Array.isArray(said["content"]) && said["refusal"] === undefined
    ? { ...said, refusal: null }
    : said;
}

const wholeEmbedding = (item: unknown, index: number, format: unknown): unknown =>
  isRecord(item)
    ? withFields(inEncoding(item, format), {
        object: "embedding",
        ...(typeof item["index"] === "number" ? {} : { index }),
      })
    : item;

const modelOf = (body: Fields): string | null =>
  typeof body["model"] === "string" && body["model"] !== "" ? body["model"] : null;

const malformed = (message: string): Decoded => ({ ok: false, failure: failure("malformed", message) });

const described = (body: unknown): string =>
  body === null ? "null" : Array.isArray(body) ? "an array" : `a ${typeof body}`;
