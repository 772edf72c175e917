import { describe, expect, test } from "bun:test";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isRecord } from "../../src/core/record.ts";
import type { Adapter, StreamItem, UpstreamRequest } from "../../src/domain/adapter.ts";
import { endpoints } from "../../src/domain/endpoint.ts";
import { adapterOf, adapters } from "../../src/providers/registry.ts";
import {
  type Expected,
  type ExpectedChoice,
  endpointOf,
  type Fixture,
  fixturesOf,
  folders,
  hasFixtures,
  openaiSchema,
  responseOf,
  upstream,
} from "./fixtures.ts";
import { type Joined, joinAnswer, joinChunks, runStream } from "./joined.ts";

/** Streams up to this size are cut at every byte, larger ones at a prime step. */
const everyByteBelow = 4_000;
const primeStep = 499;

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const schemas = new Map<string, ValidateFunction>();

test.skipIf(!hasFixtures)("every adapter that speaks over a network has recorded traffic", () => {
  const recorded: readonly string[] = Object.values(folders);
  expect(Object.keys(adapters).filter((kind) => kind !== "simulated" && !recorded.includes(kind))).toEqual(
    [],
  );
});

for (const [folder, kind] of Object.entries(folders)) {
  const adapter = adapterOf(kind);
  if (adapter === null) continue;
  const all = fixturesOf(folder);
  const named = (keep: (fixture: Fixture) => boolean) =>
    all.filter(keep).map((fixture) => [fixture.id, fixture] as const);
  const requestOf = (fixture: Fixture): UpstreamRequest =>
    upstream(
      kind,
      {},
      {
        endpoint: endpointOf(fixture),
        stream: fixture.streaming,
        model: fixture.upstream_model ?? "some-model",
      },
    );

  describe.skipIf(!hasFixtures)(`recorded ${folder} traffic`, () => {
    test.each(named(({ expected, streaming }) => !streaming && expected.choices !== undefined))(
      "%s",
      (_id, fixture) => {
        const decoded = adapter.decode(bodyOf(fixture), requestOf(fixture));
        if (!decoded.ok) throw new Error(decoded.failure.message);
        expectValid(
          endpointOf(fixture) === "chat" ? "CreateChatCompletionResponse" : "CreateCompletionResponse",
          decoded.body,
        );
        expectChoices(joinAnswer(decoded.body), fixture.expected);
        if (isRecord(decoded.body)) expectUsage(decoded.body["usage"], fixture.expected);
        if (fixture.expected.model !== undefined) expect(decoded.model).toBe(fixture.expected.model);
      },
    );

    test.each(named(({ expected }) => expected.kind === "embedding_list"))("%s", (_id, fixture) => {
      const decoded = adapter.decode(bodyOf(fixture), requestOf(fixture));
      expectEmbeddings(decoded.ok ? decoded.body : null, fixture.expected);
    });

    test.each(named(({ expected }) => expected.kind === "error"))("%s", (_id, fixture) => {
      const text = new TextDecoder().decode(responseOf(fixture));
      expectError(adapter, fixture, text);
    });

    test.each(named(({ streaming }) => streaming))("%s", (_id, fixture) => {
      const items = runStream(adapter, requestOf(fixture), responseOf(fixture));
      expectStream(items, fixture);
    });

    test.each(named(({ streaming }) => streaming))("%s is the same however it is cut", (_id, fixture) => {
      const bytes = responseOf(fixture);
      const request = requestOf(fixture);
      const whole = JSON.stringify(runStream(adapter, request, bytes));
      const step = bytes.length < everyByteBelow ? 1 : primeStep;
      for (let cut = 1; cut < bytes.length; cut += step) {
        if (JSON.stringify(runStream(adapter, request, bytes, [cut])) !== whole)
          expect(`cut at byte ${cut}`).toBe("the same as uncut");
      }
      const pieces = Array.from({ length: Math.floor(bytes.length / 7) }, (_, index) => (index + 1) * 7);
      expect(JSON.stringify(runStream(adapter, request, bytes, pieces))).toBe(whole);
    });
  });
}

function bodyOf(fixture: Fixture): unknown {
  return JSON.parse(new TextDecoder().decode(responseOf(fixture)));
}

function expectValid(schema: string, value: unknown): void {
  let validate = schemas.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(openaiSchema(schema));
    schemas.set(schema, validate);
  }
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

function expectStream(items: readonly StreamItem[], fixture: Fixture): void {
  const endpoint = endpointOf(fixture);
  const { expected } = fixture;
  const chunks = items.flatMap((item) => (item.kind === "chunk" ? [item] : []));
  const bodies = chunks.map(({ json }): unknown => JSON.parse(json));
  for (const body of bodies) {
    expectValid(
      endpoint === "chat" ? "CreateChatCompletionStreamResponse" : "CreateCompletionStreamResponse",
      body,
    );
    expect(body).toMatchObject({ object: endpoints[endpoint].chunk });
    expect(isRecord(body) && isRecord(body["usage"])).toBe(false);
  }
  const failures = items.flatMap((item) => (item.kind === "failure" ? [item.failure.message] : []));
  expect(failures).toEqual(expected.stream_error === undefined ? [] : [expected.stream_error.message]);
  expectChoices(joinChunks(bodies), expected);
  expectUsage(items.flatMap((item) => (item.kind === "usage" ? [item.json] : [])).at(-1), expected);

  const written = [...joinChunks(bodies).values()].map(
    (choice) => choice.content + choice.reasoning + choice.refusal + choice.text + called(choice),
  );
  expect(chunks.reduce((sum, item) => sum + item.text, 0)).toBe(written.join("").length);
  const finished = (expected.choices ?? []).filter((choice) => choice.finish_reason !== null).length;
  expect(chunks.some((item) => item.finishes > 0)).toBe(finished > 0);
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

function expectEmbeddings(body: unknown, expected: Expected): void {
  // One recording is of DashScope's own API, which the compatible endpoint does not answer with.
  if (expected.count === 0) {
    expect(body).toBeNull();
    return;
  }
  expectValid("CreateEmbeddingResponse", body);
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

function expectError(adapter: Adapter, { http_status: status, expected }: Fixture, text: string): void {
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
