import { describe, expect, test } from "bun:test";
import type { UpstreamRequest } from "../../../src/domain/adapter.ts";
import type { Params, Provider } from "../../../src/domain/snapshot.ts";
import { openai } from "../../../src/providers/openai.ts";
import { request } from "../../../src/providers/request.ts";
import { snapshotOf } from "../../support/snapshot.ts";
import { upstream } from "../fixtures.ts";
import { runStream } from "../joined.ts";

/** A provider of kind request with these keys. */
function inhouse(keys: string): Provider {
  const { providers } = snapshotOf(`
providers:
  inhouse: { kind: request, base_url: "http://127.0.0.1:1", ${keys} }
models: { chat: { targets: [inhouse/large] } }
`);
  const provider = providers.get("inhouse");
  if (provider === undefined) throw new Error("it is there");
  return provider;
}

const hello = [
  { role: "system", content: "Be kind." },
  { role: "user", content: "Hello" },
];
const asked = (keys: string, params: Params = {}, more: Partial<UpstreamRequest> = {}): UpstreamRequest =>
  upstream("request", { messages: hello, ...params }, { model: "large", provider: inhouse(keys), ...more });
const encoded = (keys: string, params: Params = {}, more: Partial<UpstreamRequest> = {}) => {
  const result = request.encode(asked(keys, params, more));
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const said = (keys: string, params: Params, more: Partial<UpstreamRequest> = {}) =>
  encoded(keys, params, more).losses.map(({ says }) => says);

const documented = `request: { path: /run, body: { input: $prompt, max: $max_tokens } }, answer: { text: /data/output, prompt_tokens: /u/in, completion_tokens: /u/out, error: /error/message }, stream: { text: /delta, done: "[DONE]" }`;

describe("a private service without templates", () => {
  test("is spoken to as OpenAI is, at every endpoint", () => {
    const call = asked("tags: [eu]", { temperature: 0.5, stream: true }, { stream: true });
    expect(request.encode(call)).toEqual(openai.encode(call));
    for (const endpoint of ["chat", "completions", "embeddings"] as const)
      expect(request.serves(endpoint, call.provider)).toBe(true);
    expect(request.streams?.("chat", call.provider)).toBe(true);
    const body = { error: { message: "no", code: "rate_limit_exceeded" } };
    expect(request.decode(body, call)).toEqual(openai.decode(body, call));
  });
});

describe("the request of a private service", () => {
  test("is what the template says, with the request's own types", () => {
    const body = `{ input: $prompt, sys: $system, q: $last_user, m: $model, all: $messages, opts: { t: $temperature, max: $max_tokens, top: $top_p, stop: $stop }, echo: "$$prompt", v: 2 }`;
    const call = encoded(`request: { path: "/v2/{model}/run", body: ${body} }`, {
      temperature: 0,
      max_completion_tokens: 9,
      stop: ["x"],
    });
    expect(call.path).toBe("/v2/large/run");
    expect(call.body).toEqual({
      input: "System: Be kind.\n\nUser: Hello",
      sys: "Be kind.",
      q: "Hello",
      m: "large",
      all: hello,
      opts: { t: 0, max: 9, stop: ["x"] },
      echo: "$prompt",
      v: 2,
    });
    expect(call.losses).toEqual([]);
  });

  test("is OpenAI's below a path of its own where it has no body", () => {
    const call = encoded('request: { path: "/m/{model}/chat" }', { top_k: 4 }, { model: "a/b" });
    expect(call).toMatchObject({ path: "/m/a%2Fb/chat", body: { model: "a/b", messages: hello, top_k: 4 } });
  });

  test("says whether to stream where the template asks, as it is called and not as the client asked", () => {
    const keys = (more: string) => `request: { body: { input: $prompt, stream: $stream } }${more}`;
    const stream = (more: string, params: Params, streams: boolean) =>
      encoded(keys(more), params, { stream: streams }).body["stream"];
    expect(stream("", { stream: true }, true)).toBe(true);
    expect(stream(", answer: { text: /t }", { stream: true }, false)).toBe(false);
    expect(stream("", {}, false)).toBeUndefined();
  });

  test.each([
    [documented, { temperature: 0.5, max_tokens: 5 }, ["temperature"]],
    [documented, { max_completion_tokens: 5, tools: [{ type: "function" }] }, ["tools"]],
    [documented, { stream: true, stream_options: { include_usage: true }, n: 1, user: null }, []],
    [documented, { n: 2, seed: 0 }, ["n", "seed"]],
    ["answer: { text: /t }", { temperature: 0.5 }, []],
  ])("names what %s leaves out of %p", (keys, params: Params, names) => {
    expect(encoded(keys, params).losses.map(({ param }) => param)).toEqual(names);
  });

  test("names the messages that no name of the template carries", () => {
    const turns = [...hello, { role: "assistant", content: "Hi." }, { role: "user", content: "Bye" }];
    const keys = (names: string) => `request: { body: { a: "${names}" } }`;
    expect(said(keys("$last_user"), {})).toEqual([
      "1 of 2 messages dropped: the request template does not mention them",
    ]);
    expect(said(keys("$system $last_user"), {})).toEqual([]);
    expect(said(keys("$system $last_user"), { messages: turns })).toEqual([
      "2 of 4 messages dropped: the request template does not mention them",
    ]);
    const image = [{ role: "user", content: [{ type: "text", text: "x" }, { type: "image_url" }] }];
    expect(said(keys("$prompt"), { messages: image })).toEqual([
      "messages[].content dropped where it is no text: the request template sends text only",
    ]);
    expect(said("request: { body: { a: $messages } }", { messages: image })).toEqual([]);
  });
});

describe("the answer of a private service", () => {
  const decode = (body: unknown, keys = documented) => request.decode(body, asked(keys));

  test("is read by pointer, and is OpenAI's to the client", () => {
    const decoded = decode({ data: { output: "Hello!" }, u: { in: 7, out: 2 } });
    expect(decoded).toMatchObject({
      ok: true,
      model: null,
      usage: { prompt: 7, completion: 2, total: 9 },
      body: {
        object: "chat.completion",
        created: 1_767_225_600,
        model: "large",
        choices: [
          {
            index: 0,
            message: { role: "assistant", content: "Hello!", refusal: null },
            logprobs: null,
            finish_reason: "stop",
          },
        ],
        usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
      },
    });
  });

  test("may be silent about tokens, and say nothing at all", () => {
    const decoded = decode({ data: { output: "" }, u: { in: "7" }, error: { message: null } });
    expect(decoded).toMatchObject({ ok: true, usage: { prompt: null, total: null } });
    expect(decoded.ok && decoded.body).not.toHaveProperty("usage");
  });

  test.each([
    [{ error: { message: "The GPU is gone" } }, "server", "The GPU is gone"],
    [
      { data: { output: "x" }, error: { message: "slow down", code: "rate_limit_exceeded" } },
      "rate_limited",
      "slow down",
    ],
    [{ error: { message: "prompt is too long", code: 400 } }, "context_window", "prompt is too long"],
    [{ error: "elsewhere" }, "server", "elsewhere"],
    [{ data: {} }, "malformed", "the answer has no text at /data/output"],
    [{ data: { output: 3 } }, "malformed", "the answer has no text at /data/output"],
    ["text", "malformed", "the answer has no text at /data/output"],
    [[], "malformed", "the answer has no text at /data/output"],
  ])("%p is a failure of kind %s", (body: unknown, kind, message) => {
    expect(decode(body)).toMatchObject({ ok: false, failure: { kind, message, status: null } });
  });

  test.each([
    ["E42", "E42"],
    [17, "17"],
    [true, "true"],
    [{ detail: "deep" }, "deep"],
    [["one", "two"], "one; two"],
  ])("an error %p where the file says is one", (error: unknown, message) => {
    const keys = "answer: { text: /t, error: /fault }";
    expect(decode({ t: "x", fault: error }, keys)).toMatchObject({ ok: false, failure: { message } });
  });

  test.each([null, "", false, 0, {}, []].map((nothing) => [nothing]))(
    "an error %p is none",
    (nothing: unknown) => {
      expect(decode({ t: "x", fault: nothing }, "answer: { text: /t, error: /fault }").ok).toBe(true);
    },
  );

  test("with another status has its words where the file says, or in the usual places", () => {
    const failed = (body: string, status = 429) =>
      request.decodeError(status, body, new Headers(), asked("answer: { text: /t, error: /fault/why }"));
    expect(failed('{"fault":{"why":"busy"}}')).toMatchObject({
      kind: "rate_limited",
      message: "busy",
      status: 429,
    });
    expect(failed('{"message":"busy"}', 401)).toMatchObject({ kind: "auth", message: "busy", status: 401 });
    expect(failed("<title>Oh</title>", 500)).toMatchObject({ kind: "server", message: "Oh" });
  });
});

describe("the stream of a private service", () => {
  const run = (text: string, keys = documented) =>
    runStream(request, asked(keys, {}, { stream: true }), new TextEncoder().encode(text));
  const events = (...data: readonly string[]) => data.map((one) => `data: ${one}\n\n`).join("");

  test("is text by text, then a finish, usage and the end", () => {
    const items = run(
      events(
        '{"delta":"Hel"}',
        '{"ping":1}',
        '{"delta":"lo"}',
        '{"delta":"","u":{"in":7,"out":2}}',
        "[DONE]",
      ),
    );
    const chunks = items.flatMap((item) => (item.kind === "chunk" ? [JSON.parse(item.json)] : []));
    expect(chunks.map(({ choices }) => choices[0])).toMatchObject([
      { delta: { role: "assistant", content: "Hel" }, finish_reason: null },
      { delta: { content: "lo" } },
      { delta: { content: "" } },
      { delta: {}, finish_reason: "stop" },
    ]);
    expect(new Set(chunks.map(({ id, model, object }) => `${id} ${model} ${object}`)).size).toBe(1);
    expect(items.filter(({ kind }) => kind !== "chunk")).toEqual([
      {
        kind: "usage",
        usage: { prompt: 7, completion: 2, total: 9, cached: null, cacheWrite: null, reasoning: null },
        json: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
      },
      { kind: "end" },
    ]);
    expect(items.map((item) => (item.kind === "chunk" ? item.text : 0))).toEqual([3, 2, 0, 0, 0, 0]);
  });

  test("that never said anything has no finish", () => {
    expect(run(events('{"ping":1}', "[DONE]"))).toEqual([{ kind: "end" }]);
  });

  test("ends with the words of the file, and with no others", () => {
    const keys = 'stream: { text: /delta, done: "{\\"end\\":true}" }';
    expect(run(events('{"delta":"a"}', '{"end":true}'), keys).at(-1)).toEqual({ kind: "end" });
    expect(run(events('{"delta":"a"}', "[DONE]"), keys).at(-1)).toMatchObject({
      kind: "failure",
      failure: { kind: "malformed" },
    });
  });

  test.each([
    [events("plain text"), "malformed", "an event of the stream is not JSON"],
    [events('{"error":{"message":"GPU lost"}}'), "server", "GPU lost"],
    ['event: error\ndata: {"message":"too many","code":429}\n\n', "rate_limited", "too many"],
    ["event: error\ndata: gone\n\n", "server", "gone"],
  ])("%p is a failure", (text, kind, message) => {
    expect(run(text).at(-1)).toMatchObject({ kind: "failure", failure: { kind, message } });
  });

  test("is there where the file says how, or where it is OpenAI's and the service is told", () => {
    const streams = (keys: string) => request.streams?.("chat", inhouse(keys));
    expect(streams(documented)).toBe(true);
    expect(streams("request: { path: /x }")).toBe(true);
    expect(streams("request: { body: { messages: $messages, stream: $stream } }")).toBe(true);
    expect(streams("request: { body: { messages: $messages } }")).toBe(false);
    expect(streams("request: { body: { messages: $messages, stream: $stream } }, answer: { text: /t }")).toBe(
      false,
    );
    expect(streams("answer: { text: /t }")).toBe(false);
  });

  test("with templates is for chat alone", () => {
    expect(
      ["chat", "completions", "embeddings"].map((endpoint) =>
        request.serves(endpoint as "chat", inhouse(documented)),
      ),
    ).toEqual([true, false, false]);
  });
});
