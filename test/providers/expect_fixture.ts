import { expect } from "bun:test";
import { isRecord } from "../../src/core/record.ts";
import type { Adapter, Decoded, StreamItem } from "../../src/domain/adapter.ts";
import { endpoints } from "../../src/domain/endpoint.ts";
import type { Failure, FailureKind } from "../../src/domain/failure.ts";
import type { ProviderKind } from "../../src/domain/provider_kind.ts";
import { expectValid, expectWellFormed } from "../fixtures/schemas.ts";
import { acceptsError, type Expected, type ExpectedChoice, endpointOf, type Fixture } from "./fixtures.ts";
import { type Joined, joinAnswer, joinChunks } from "./joined.ts";

/** Kinds whose answers are composed here from another protocol: they have no excuse, and are held to the schemas as published. */
const composing: ReadonlySet<ProviderKind> = new Set(["anthropic", "gemini"]);

const schemas = {
  chat: { whole: "CreateChatCompletionResponse", chunk: "CreateChatCompletionStreamResponse" },
  completions: { whole: "CreateCompletionResponse", chunk: "CreateCompletionStreamResponse" },
  embeddings: { whole: "CreateEmbeddingResponse", chunk: "" },
};

/** Holds a whole answer to what its recording says that it has to become. */
export function expectWhole(decoded: Decoded, fixture: Fixture, kind: ProviderKind): void {
  const { expected } = fixture;
  if (!decoded.ok) {
    expectAcceptable(decoded.failure, expected);
    return;
  }
  expectSchema(schemas[endpointOf(fixture)].whole, decoded.body, kind);
  expectChoices(joinAnswer(decoded.body), expected);
  if (isRecord(decoded.body)) expectUsage(decoded.body["usage"], expected);
  if (expected.model !== undefined) expect(decoded.model).toBe(expected.model);
}

/** Holds a streamed answer to the same. */
export function expectStream(items: readonly StreamItem[], fixture: Fixture, kind: ProviderKind): void {
  const endpoint = endpointOf(fixture);
  const { expected } = fixture;
  const chunks = items.flatMap((item) => (item.kind === "chunk" ? [item] : []));
  const bodies = chunks.map(({ json }): unknown => JSON.parse(json));
  for (const body of bodies) {
    expectSchema(schemas[endpoint].chunk, body, kind);
    expect(body).toMatchObject({ object: endpoints[endpoint].chunk });
    expect(isRecord(body) && isRecord(body["usage"])).toBe(false);
  }
  const [failure, ...more] = items.flatMap((item) => (item.kind === "failure" ? [item.failure] : []));
  expect(more).toEqual([]);
  if (failure !== undefined && expected.stream_error === undefined) {
    expectAcceptable(failure, expected);
    expect(chunks).toEqual([]);
    return;
  }
  expect(failure?.message).toBe(expected.stream_error?.message);
  const joined = joinChunks(bodies);
  expectChoices(joined, expected);
  expectUsage(items.flatMap((item) => (item.kind === "usage" ? [item.json] : [])).at(-1), expected);

  const written = [...joined.values()].map(
    (choice) => choice.content + choice.reasoning + choice.refusal + choice.text + called(choice),
  );
  expect(chunks.reduce((sum, item) => sum + item.text, 0)).toBe(written.join("").length);
  // Some servers say twice that a choice has ended, and their chunks keep their bytes.
  const ended = chunks.reduce((sum, item) => sum + item.finishes, 0);
  const finished = [...joined.values()].filter(({ finish }) => finish !== null).length;
  expect(composing.has(kind) ? ended : Math.min(ended, finished)).toBe(finished);
}

/** Where an answer has nothing in it, its recording accepts an error instead; a block has to be known as one. */
function expectAcceptable(failure: Failure, expected: Expected): void {
  if (!acceptsError(expected)) throw new Error(failure.message);
  const { choices = [], upstream_stop: stop } = expected;
  const isBlock = choices.some(({ block_reason: reason }) => reason !== undefined) || blocks.has(stop);
  const kinds: readonly FailureKind[] = isBlock ? ["content_policy"] : ["malformed", "server"];
  expect(kinds).toContain(failure.kind);
  expect(failure).toMatchObject({ status: null, ...(isBlock ? { code: "content_filter" } : {}) });
}

const blocks: ReadonlySet<unknown> = new Set(["SAFETY", "MODEL_ARMOR"]);

function expectSchema(name: string, body: unknown, kind: ProviderKind): void {
  if (composing.has(kind)) expectWellFormed(name, body);
  else expectValid("relaxed", name, body);
}

const called = ({ calls, functionCall }: Joined): string =>
  [...calls, ...(functionCall === null ? [] : [functionCall])]
    .map((call) => call.name + call.arguments)
    .join("");

function expectChoices(choices: ReadonlyMap<number, Joined>, expected: Expected): void {
  expect([...choices.keys()].sort((a, b) => a - b)).toEqual(
    (expected.choices ?? []).map((choice) => choice.index),
  );
  for (const wanted of expected.choices ?? []) {
    const choice = choices.get(wanted.index);
    if (choice !== undefined) expectChoice(choice, wanted);
  }
}

function expectChoice(choice: Joined, wanted: ExpectedChoice): void {
  expect([wanted.finish_reason, ...(wanted.finish_reason_accept ?? [])]).toContain(choice.finish);
  if (wanted.content !== undefined) expect(choice.content).toBe(wanted.content ?? "");
  if (wanted.text !== undefined) expect(choice.text).toBe(wanted.text);
  expect(choice.reasoning).toBe(wanted.reasoning ?? "");
  expect(choice.refusal).toBe(wanted.refusal ?? "");
  if (wanted.logprobs_count !== undefined) expect(choice.logprobs).toBe(wanted.logprobs_count);
  if (wanted.has_audio !== undefined) expect(choice.audio).toBe(wanted.has_audio);
  if (wanted.annotations_count !== undefined) expect(choice.annotations).toBe(wanted.annotations_count);
  if (wanted.function_call !== undefined) {
    expect(choice.functionCall?.name).toBe(wanted.function_call.name);
    expect(parsed(choice.functionCall?.arguments ?? "")).toEqual(wanted.function_call.arguments);
  }
  const calls = wanted.tool_calls ?? [];
  expect(choice.calls.map((call) => ({ name: call.name, arguments: parsed(call.arguments) }))).toEqual(
    calls.map((call) => ({ name: call.name, arguments: call.arguments })),
  );
  const ids = choice.calls.map((call) => call.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).not.toContain("");
  for (const [at, call] of calls.entries())
    if (typeof call.id === "string" && call.id !== "") expect(ids[at]).toBe(call.id);
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return text;
  }
};

function expectUsage(usage: unknown, { usage: wanted }: Expected): void {
  if (wanted === undefined || wanted === null) return;
  const said = isRecord(usage) ? usage : {};
  const promptDetails = isRecord(said["prompt_tokens_details"]) ? said["prompt_tokens_details"] : {};
  const completionDetails = isRecord(said["completion_tokens_details"])
    ? said["completion_tokens_details"]
    : {};
  const shown: Readonly<Record<string, unknown>> = {
    ...said,
    cached_tokens: promptDetails["cached_tokens"],
    reasoning_tokens: completionDetails["reasoning_tokens"],
  };
  for (const [name, tokens] of Object.entries(wanted)) {
    if (name.endsWith("_accept") || tokens === null) continue;
    const also = wanted[`${name}_accept`];
    expect([tokens, ...(Array.isArray(also) ? also : [])], name).toContain(shown[name]);
  }
}

/** Holds an answer of vectors to its recording: number, model and first values. */
export function expectEmbeddings(body: unknown, expected: Expected): void {
  // One recording is of DashScope's own API, which the compatible endpoint does not answer with.
  if (expected.count === 0) {
    expect(body).toBeNull();
    return;
  }
  expectValid("relaxed", "CreateEmbeddingResponse", body);
  const data = isRecord(body) && Array.isArray(body["data"]) ? body["data"] : [];
  expect(data).toHaveLength(expected.count ?? 0);
  if (isRecord(body) && expected.model !== undefined) expect(body["model"]).toBe(expected.model);
  for (const [at, first] of (expected.first_values ?? []).entries()) {
    const embedding: unknown = data[at]?.embedding;
    if (typeof first === "string") expect(String(embedding).startsWith(first)).toBe(true);
    else expect(Array.isArray(embedding) ? embedding.slice(0, first.length) : null).toEqual([...first]);
  }
  if (isRecord(body)) expectUsage(body["usage"], expected);
}

/** Holds an error to its recording: words, code, type and what it means. */
export function expectError(
  adapter: Adapter,
  { http_status: status, expected }: Fixture,
  text: string,
): void {
  const failure = adapter.decodeError(status, text, new Headers());
  expect(failure.status).toBe(status);
  expect(failure.message).toContain(expected.message_contains ?? "");
  expect(failure.type).toBe(expected.upstream_type ?? null);
  expect(failure.code).toBe(
    expected.upstream_code === null || expected.upstream_code === undefined
      ? null
      : String(expected.upstream_code),
  );
  const kinds: Readonly<Record<number, readonly string[]>> = {
    400: ["bad_request", "context_window", "content_policy", "quota"],
    401: ["auth"],
    403: ["auth"],
    404: ["not_found"],
    429: ["rate_limited", "quota"],
  };
  expect(kinds[status] ?? []).toContain(failure.kind);
}
