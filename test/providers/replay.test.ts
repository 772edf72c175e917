import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { isRecord } from "../../src/core/record.ts";
import type { StreamItem } from "../../src/domain/adapter.ts";
import type { Endpoint } from "../../src/domain/endpoint.ts";
import type { Params } from "../../src/domain/snapshot.ts";
import { noUsage } from "../../src/domain/usage.ts";
import { replay } from "../../src/providers/replay.ts";
import { simulate, simulated } from "../../src/providers/simulated.ts";
import { expectWellFormed } from "../fixtures/schemas.ts";
import { hasFixtures, upstream } from "./fixtures.ts";
import { joinAnswer, joinChunks } from "./joined.ts";

setDefaultTimeout(20_000);

const tools = [
  { type: "function", function: { name: "now" } },
  { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } },
];
const hello = [{ role: "user", content: "Hello" }];

const requests: Readonly<Record<string, readonly [Endpoint, Params]>> = {
  "a text": ["chat", { messages: hello }],
  "three texts": ["chat", { messages: hello, n: 3 }],
  "a call of a tool": ["chat", { messages: hello, tools, tool_choice: "required" }],
  "an answer that was cut": ["chat", { messages: hello, max_tokens: 1 }],
  "a text completion": ["completions", { prompt: ["a", "b"] }],
};

const chunksOf = (items: readonly StreamItem[]) =>
  items.flatMap((item) => (item.kind === "chunk" ? [JSON.parse(item.json)] : []));

describe("a whole answer replayed as a stream", () => {
  test.each(Object.keys(requests))("is the same to who joins it: %s", (name) => {
    const [endpoint, params] = requests[name] ?? ["chat", {}];
    const request = upstream("simulated", params, { endpoint });
    const whole = simulated.decode(simulate(request, 0).answer, request);
    if (!whole.ok || !isRecord(whole.body)) throw new Error("the simulated model answers");
    const items = replay(endpoint, whole.body, whole.usage);
    const chunks = chunksOf(items);
    expect(joinChunks(chunks)).toEqual(joinAnswer(whole.body));
    expect(items.slice(-2)).toEqual([
      { kind: "usage", usage: whole.usage, json: whole.body["usage"] },
      { kind: "end" },
    ]);
    const told = items.filter((item) => item.kind === "chunk");
    expect(told.reduce((sum, { finishes }) => sum + finishes, 0)).toBe(joinAnswer(whole.body).size);
    const schema =
      endpoint === "chat" ? "CreateChatCompletionStreamResponse" : "CreateCompletionStreamResponse";
    if (hasFixtures) for (const chunk of chunks) expectWellFormed(schema, chunk);
  });

  test("counts its characters, and keeps what else the answer and its message bear", () => {
    const message = { role: "assistant", content: "Hi", reasoning_content: "Hm", refusal: null };
    const answer = {
      id: "1",
      object: "chat.completion",
      created: 2,
      model: "m",
      service_tier: "flex",
      choices: [{ index: 0, message, logprobs: { content: [] }, finish_reason: "stop" }],
    };
    const items = replay("chat", answer, noUsage);
    expect(items[0]).toMatchObject({ kind: "chunk", output: true, finishes: 0, text: 4 });
    expect(chunksOf(items)).toEqual([
      {
        id: "1",
        object: "chat.completion.chunk",
        created: 2,
        model: "m",
        service_tier: "flex",
        choices: [{ index: 0, delta: message, logprobs: { content: [] }, finish_reason: null }],
      },
      {
        id: "1",
        object: "chat.completion.chunk",
        created: 2,
        model: "m",
        service_tier: "flex",
        choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }],
      },
    ]);
    expect(items.at(-2)).toEqual({ kind: "usage", usage: noUsage, json: null });
  });

  test("of nothing is an end alone, which no client is sent as an answer", () => {
    expect(replay("chat", {}, noUsage).map(({ kind }) => kind)).toEqual(["usage", "end"]);
  });
});
