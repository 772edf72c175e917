import type { DurationMs, Share } from "../core/units.ts";
import type { Adapter, UpstreamRequest } from "../domain/adapter.ts";
import { endpoints } from "../domain/endpoint.ts";
import { type Failure, type FailureKind, failure, failureKinds } from "../domain/failure.ts";
import { readRequest } from "../openai/request.ts";
import { openAiCompatible } from "./compatible/adapter.ts";
import { none } from "./compatible/differences.ts";
import { fingerprint, hash } from "./fingerprint.ts";
import { type SimulatedChoice, simulateChoices } from "./simulated/answer.ts";
import { simulateEmbeddings } from "./simulated/embeddings.ts";

/** What the built-in model does with a request. */
export interface Simulated {
  /** Drawn from the provider's `fail`; null: it answers. */
  readonly failure: Failure | null;
  /** To the first output; to the whole answer when it is not streamed. */
  readonly latencyMs: DurationMs;
  /** The body of an answer that is not streamed. */
  readonly answer: unknown;
  /** The data of a streamed answer's events, usage at the end, each so long after the one before. */
  readonly chunks: readonly { readonly afterMs: DurationMs; readonly json: string }[];
}

/** A kind's own name means that kind. */
const meaning: Readonly<Record<string, FailureKind>> = Object.fromEntries(
  failureKinds.map((kind) => [kind, kind]),
);

/** The built-in model: OpenAI's wire format, and nothing to call. */
export const simulated: Adapter = openAiCompatible({ ...none, meaning });

/** 2026-01-01, as the model's clock stands still. */
const created = 1_767_225_600;

/** Null: no answer arrives at all. */
const statuses = {
  rate_limited: 429,
  overloaded: 503,
  server: 500,
  timeout: 504,
  network: null,
  auth: 401,
  quota: 402,
  not_found: 404,
  malformed: 204,
  context_window: 400,
  content_policy: 400,
  bad_request: 400,
  cancelled: null,
} as const satisfies Record<FailureKind, number | null>;

/** Answers a request without a network. The same request gives the same answer; `chance` decides whether it fails. */
export function simulate(request: UpstreamRequest, chance: Share): Simulated {
  const { latencyMs = 0, tokensPerSecond = null } = request.provider.simulation ?? {};
  const failed = drawFailure(request, chance);
  if (failed !== null) return { failure: failed, latencyMs, answer: null, chunks: [] };

  const facts = readRequest(request.endpoint, { ...request.params, model: request.model });
  const promptTokens = Math.max(1, Math.ceil(facts.textBytes / 4));
  const everyMs = tokensPerSecond === null ? 0 : 1_000 / tokensPerSecond;
  if (request.endpoint === "embeddings") {
    return { failure: null, latencyMs, answer: simulateEmbeddings(request, promptTokens), chunks: [] };
  }
  const choices = simulateChoices(request, facts.n);
  const completionTokens = choices.reduce((sum, choice) => sum + lengthOf(choice), 0);
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  return request.stream
    ? { failure: null, latencyMs, answer: null, chunks: chunksOf(request, choices, usage, everyMs) }
    : {
        failure: null,
        latencyMs: latencyMs + everyMs * completionTokens,
        answer: answerOf(request, choices, usage),
        chunks: [],
      };
}

/** Each provider draws apart, so that what fails at one may be answered by the next. */
function drawFailure({ provider }: UpstreamRequest, chance: Share): Failure | null {
  const drawn = (chance + hash(provider.name, 0) / 2 ** 32) % 1;
  let upTo = 0;
  for (const { kind, rate } of provider.simulation?.fail ?? []) {
    upTo += rate;
    if (drawn < upTo)
      return failure(kind, `simulated failure: ${kind}`, { status: statuses[kind], code: kind, type: kind });
  }
  return null;
}

type Tokens = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
};

function answerOf(request: UpstreamRequest, choices: readonly SimulatedChoice[], usage: Tokens): unknown {
  const isChat = request.endpoint === "chat";
  return {
    ...envelope(request, endpoints[request.endpoint].object),
    choices: choices.map((choice, index) => ({
      index,
      ...(isChat ? { message: messageOf(choice) } : { text: choice.tokens.join("") }),
      logprobs: null,
      finish_reason: choice.finish,
    })),
    usage,
  };
}

function messageOf({ tokens, call }: SimulatedChoice): unknown {
  const message = { role: "assistant", content: call === null ? tokens.join("") : null, refusal: null };
  if (call === null) return message;
  const called = { name: call.name, arguments: call.arguments.join("") };
  return { ...message, tool_calls: [{ id: call.id, type: "function", function: called }] };
}

function chunksOf(
  request: UpstreamRequest,
  choices: readonly SimulatedChoice[],
  usage: Tokens,
  everyMs: DurationMs,
): Simulated["chunks"] {
  const head = envelope(request, endpoints[request.endpoint].chunk ?? "");
  const isChat = request.endpoint === "chat";
  const chunks: { afterMs: DurationMs; json: string }[] = [];
  const put = (index: number, part: object, finish: string | null, afterMs: DurationMs) => {
    const choice = { index, ...(isChat ? { delta: part } : part), logprobs: null, finish_reason: finish };
    chunks.push({ afterMs, json: JSON.stringify({ ...head, choices: [choice] }) });
  };
  for (const [index, { tokens, call, finish }] of choices.entries()) {
    if (isChat) put(index, { role: "assistant", content: call === null ? "" : null, refusal: null }, null, 0);
    for (const token of tokens) put(index, isChat ? { content: token } : { text: token }, null, everyMs);
    if (call !== null) {
      put(
        index,
        {
          tool_calls: [
            { index: 0, id: call.id, type: "function", function: { name: call.name, arguments: "" } },
          ],
        },
        null,
        everyMs,
      );
      for (const piece of call.arguments)
        put(index, { tool_calls: [{ index: 0, function: { arguments: piece } }] }, null, everyMs);
    }
    put(index, isChat ? {} : { text: "" }, finish, 0);
  }
  chunks.push({ afterMs: 0, json: JSON.stringify({ ...head, choices: [], usage }) });
  return chunks;
}

function envelope(request: UpstreamRequest, object: string): Record<string, unknown> {
  const prefix = request.endpoint === "chat" ? "chatcmpl" : "cmpl";
  const { stream: _, stream_options: __, ...asked } = request.params;
  return {
    id: `${prefix}-${fingerprint(`${request.model} ${JSON.stringify(asked)}`)}`,
    object,
    created,
    model: request.model,
  };
}

const lengthOf = ({ tokens, call }: SimulatedChoice): number =>
  tokens.length + (call === null ? 0 : call.arguments.length);
