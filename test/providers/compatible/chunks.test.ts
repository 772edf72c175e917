import { describe, expect, test } from "bun:test";
import type { StreamItem } from "../../../src/domain/adapter.ts";
import type { Endpoint } from "../../../src/domain/endpoint.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { upstream } from "../fixtures.ts";
import { joinChunks } from "../joined.ts";

const head = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish, ...more }],
});

/** What events lead to; a text stands for itself, an object for its JSON. */
function run(events: readonly unknown[], endpoint: Endpoint = "chat", name = ""): readonly StreamItem[] {
  const machine = adapterOf("openai")?.stream(upstream("openai", {}, { endpoint, stream: true }));
  if (machine === undefined) throw new Error("openai has no adapter");
  let memory = machine.start;
  return events.flatMap((event) => {
    const [next, items] = machine.step(memory, {
      name,
      data: typeof event === "string" ? event : JSON.stringify(event),
    });
    memory = next;
    return items;
  });
}

const jsonOf = (items: readonly StreamItem[]): readonly unknown[] =>
  items.flatMap((item) => (item.kind === "chunk" ? [JSON.parse(item.json)] : []));

describe("a chunk", () => {
  test("that needs no change keeps its bytes", () => {
    const spaced = `{ "id":"c", "object":"chat.completion.chunk","created":1,"model":"m","x":1e2,"usage":null, "choices":[{"index":0,"delta":{"content":"a\\u0062"},"finish_reason":null}] }`;
    expect(run([spaced])).toEqual([{ kind: "chunk", json: spaced, output: true, finishes: 0, text: 2 }]);
  });

  test.each([
    [{ role: "assistant", content: "" }, null, false, 0],
    [{ content: null }, null, false, 0],
    [{}, null, false, 0],
    [{ content: "abc" }, null, true, 3],
    [{ reasoning_content: "ab" }, null, true, 2],
    [{ reasoning: "ab" }, null, true, 2],
    [{ refusal: "no" }, null, true, 2],
    [{ content: [{ type: "thinking", thinking: [{ type: "text", text: "ab" }] }] }, null, true, 2],
    [{ tool_calls: [{ index: 0, id: "i", function: { name: "f", arguments: "" } }] }, null, true, 1],
    [{ function_call: { name: "f", arguments: "{}" } }, null, true, 3],
    [{ audio: { id: "a", data: "" } }, null, true, 0],
    [{}, "stop", true, 0],
    [{}, "", false, 0],
  ])("with %j and finish %j", (delta, finish, output, text) => {
    expect(run([chunk(delta, finish)])).toMatchObject([
      { kind: "chunk", output, text, finishes: finish === "stop" ? 1 : 0 },
    ]);
  });

  test("of a text completion bears text", () => {
    const said = {
      ...head,
      object: "text_completion",
      choices: [{ index: 0, text: "ab", logprobs: null, finish_reason: null }],
    };
    expect(run([said], "completions")).toEqual([
      { kind: "chunk", json: JSON.stringify(said), output: true, finishes: 0, text: 2 },
    ]);
    const bare = jsonOf(run([{ choices: [{ text: "", finish_reason: "eos" }] }], "completions"));
    expect(bare).toMatchObject([
      { object: "text_completion", choices: [{ index: 0, text: "", logprobs: null, finish_reason: "stop" }] },
    ]);
  });

  test("gets what OpenAI's schema requires, the same id all along", () => {
    const [first, second] = jsonOf(
      run([
        { choices: [{ delta: { role: null, content: "a" } }] },
        { choices: [{ delta: { content: "b" } }] },
      ]),
    );
    expect(first).toEqual({
      choices: [{ delta: { content: "a" }, index: 0, finish_reason: null }],
      object: "chat.completion.chunk",
      id: expect.any(String),
      created: 0,
      model: "some-model",
    });
    expect(second).toMatchObject({ id: (first as { id: string }).id });
  });

  test("names both lists of log probabilities, or none", () => {
    const logprobs = { content: [{ token: "a", logprob: -1, bytes: null, top_logprobs: [] }] };
    const [first, second] = jsonOf(
      run([chunk({ content: "a" }, null, { logprobs }), chunk({ content: "a" }, null, { logprobs: null })]),
    );
    expect(first).toEqual(chunk({ content: "a" }, null, { logprobs: { ...logprobs, refusal: null } }));
    expect(second).toEqual(chunk({ content: "a" }, null, { logprobs: null }));
  });

  test("bears usage apart, which replaces what it said before", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const items = run([
      { ...chunk({ content: "a" }), usage },
      { ...head, choices: [], usage: { ...usage, completion_tokens: 5 } },
    ]);
    expect(items).toMatchObject([
      { kind: "usage", usage: { prompt: 1, completion: 2 }, json: usage },
      { kind: "chunk", text: 1 },
      { kind: "usage", usage: { completion: 5 } },
    ]);
    expect(jsonOf(items)).toEqual([chunk({ content: "a" })]);
    expect(run([{ ...head, x_groq: { usage }, choices: [] }])).toMatchObject([
      { kind: "usage", json: usage },
    ]);
  });

  test("without choices is passed on, as Azure's filter results are", () => {
    const filtered = {
      choices: [],
      created: 0,
      id: "",
      model: "",
      object: "",
      prompt_filter_results: [{ prompt_index: 0 }],
    };
    const items = run([filtered]);
    expect(items).toMatchObject([{ kind: "chunk", output: false, finishes: 0, text: 0 }]);
    expect(jsonOf(items)).toEqual([{ ...filtered, object: "chat.completion.chunk" }]);
  });
});

describe("the end of a stream", () => {
  test.each([["[DONE]"], [" [DONE] "]])("is %j", (data) => {
    expect(run([data])).toEqual([{ kind: "end" }]);
  });

  test.each([["{"], ["7"], ["null"], ["[]"], ["{}"], ['{"choices":[7]}'], ["hello"]])(
    "is a failure at %s",
    (data) => {
      expect(run([data])).toMatchObject([{ kind: "failure", failure: { kind: "malformed", status: null } }]);
    },
  );

  test("is a failure at an event nested beyond reason", () => {
    const deep = `{"choices":[{"delta":{"content":"a","x":${"[".repeat(200_000)}${"]".repeat(200_000)}}}]}`;
    expect(run([deep])).toMatchObject([{ kind: "failure", failure: { kind: "malformed" } }]);
  });

  test.each([
    [{ error: { message: "m", code: "rate_limit_exceeded" } }, "rate_limited"],
    [{ error: { message: "m", status_code: 400, type: "invalid_request_error" } }, "bad_request"],
    [{ error: "busy" }, "server"],
    [{ code: "DataInspectionFailed", message: "m", request_id: "r" }, "content_policy"],
    [chunk({}, null, { error: { message: "m", code: 502 } }), "server"],
    [chunk({}, "network_error"), "server"],
  ])("is a failure at %j", (event, kind) => {
    expect(run([event])).toMatchObject([{ kind: "failure", failure: { kind } }]);
  });

  test.each([
    [{ message: "m", code: "Throttling" }, "rate_limited", "m"],
    [{ error: { message: "m" } }, "server", "m"],
    ["it broke", "server", "it broke"],
    ["", "server", "the provider reported an error without saying which"],
  ])("is a failure at an error event with %j", (event, kind, message) => {
    expect(run([event], "chat", "error")).toMatchObject([{ kind: "failure", failure: { kind, message } }]);
  });

  test("is not an event of another protocol, nor an empty one", () => {
    expect(run([{ type: "ping" }], "chat", "ping")).toEqual([]);
    expect(run([""])).toEqual([]);
  });
});

describe("tool calls of a stream", () => {
  const call = (fields: object) => chunk({ tool_calls: [fields] });
  const joined = (events: readonly unknown[]) => joinChunks(jsonOf(run(events))).get(0)?.calls;

  test.each([
    [
      "that repeat their id and name",
      [
        call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }),
        call({ index: 0, id: "a", type: "function", function: { name: "", arguments: "{" } }),
        call({ index: 0, id: "", type: "function", function: { name: null, arguments: "}" } }),
        call({ index: 0, id: "", function: { arguments: null } }),
      ],
      [{ id: "a", name: "f", arguments: "{}" }],
    ],
    [
      "that have no index",
      [
        chunk({
          tool_calls: [
            { id: "a", function: { name: "f", arguments: "{}" } },
            { id: "b", function: { name: "g", arguments: "[" } },
          ],
        }),
        call({ function: { arguments: "]" } }),
      ],
      [
        { id: "a", name: "f", arguments: "{}" },
        { id: "b", name: "g", arguments: "[]" },
      ],
    ],
    [
      "that all have index 0",
      [
        call({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
        call({ index: 0, id: "b", function: { name: "g", arguments: "{" } }),
        call({ index: 0, function: { arguments: "}" } }),
      ],
      [
        { id: "a", name: "f", arguments: "{}" },
        { id: "b", name: "g", arguments: "{}" },
      ],
    ],
    [
      "without ids",
      [
        call({ index: 0, function: { name: "f", arguments: {} } }),
        call({ index: 1, function: { name: "f", arguments: { a: 1 } } }),
      ],
      [
        { id: "call_0_0", name: "f", arguments: "{}" },
        { id: "call_0_1", name: "f", arguments: '{"a":1}' },
      ],
    ],
  ])("can be joined: those %s", (_name, events, calls) => {
    expect(joined(events)).toEqual(calls);
  });

  test("keep their bytes where OpenAI sent them", () => {
    const events = [
      JSON.stringify(call({ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } })),
      JSON.stringify(call({ index: 0, function: { arguments: "{}" } })),
    ];
    expect(run(events).map((item) => item.kind === "chunk" && item.json)).toEqual(events);
  });

  test("leave the memory as it was, so that a machine can go back", () => {
    const machine = adapterOf("openai")?.stream(upstream("openai", {}));
    if (machine === undefined) throw new Error("openai has no adapter");
    const event = {
      name: "",
      data: JSON.stringify(call({ index: 0, id: "a", function: { name: "f", arguments: "" } })),
    };
    const before = JSON.stringify(machine.start);
    expect(machine.step(machine.start, event)[1]).toEqual(machine.step(machine.start, event)[1]);
    expect(JSON.stringify(machine.start)).toBe(before);
  });
});
