import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";
import { rawRequest, sendRaw } from "./raw.ts";

let upstream: Upstream;
let gateway: Running;

beforeAll(async () => {
  upstream = startUpstream();
  gateway = await startGateway(
    `
auth:
  keys:
    - { id: one, secret: env:ONE, models: [chat, other] }
    - { id: viewer, secret: env:VIEWER, role: viewer }
providers: { up: { kind: openai, base_url: "${upstream.url}" } }
models:
  chat: { targets: [up/allowed], overrides: { seed: 7 } }
  plain: { targets: [up/plain] }
  other: { targets: [up/other] }
  secret: { targets: [up/forbidden] }
`,
    { env: { ONE: "key-one", VIEWER: "key-viewer" } },
  );
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const authorization = { authorization: "Bearer key-one" };
const path = "/v1/chat/completions";
const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, to = path) =>
  fetch(gateway.url + to, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization, ...headers },
    body,
  });
const errorOf = async (response: Response) => ({ status: response.status, ...(await response.json()).error });
const good = JSON.stringify(chat("chat"));
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([...part]))));
const messages = chat("").messages;

describe("a body that is no JSON", () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ["nothing", ""],
    ["white space", " \n"],
    ["half of it", good.slice(0, -1)],
    ["more behind it", `${good}x`],
    ["two of it", good + good],
    ["NaN", '{"model":"chat","temperature":NaN}'],
    ["Infinity", '{"model":"chat","temperature":-Infinity}'],
    ["single quotes", "{'model':'chat'}"],
    ["a comma too many", '{"model":"chat",}'],
    ["a comment", '{"model":"chat"/**/}'],
    ["a raw line break in a string", '{"model":"ch\nat"}'],
    ["invalid UTF-8", bytes('{"model":"', [0xff, 0xfe], '"}')],
    ["an overlong slash", bytes('{"model":"', [0xc0, 0xaf], '"}')],
    ["half a character at its end", bytes('{"model":"', [0xe2, 0x82])],
    ["UTF-16", Buffer.from(good, "utf16le")],
    ["zeros", Buffer.alloc(1_000)],
    ["100,000 open brackets", "[".repeat(100_000)],
    ["objects 100,000 deep", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    ["messages 100,000 deep", `{"model":"chat","messages":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ])("%s is invalid_json", async (_, body) => {
    expect(await errorOf(await send(body))).toMatchObject({
      status: 400,
      code: "invalid_json",
      type: "invalid_request_error",
      param: null,
    });
  });

  test.each(["[]", "null", "1", '"chat"', "true", `[${good}]`])("%s is no object", async (body) => {
    expect(await errorOf(await send(body))).toMatchObject({
      status: 400,
      code: "invalid_request",
      param: null,
    });
  });
});

describe("a field of a wrong type is named by its path", () => {
  const table: readonly (readonly [string, object, string])[] = [
    ["no messages", { model: "chat" }, "messages"],
    ["no message", { messages: [] }, "messages"],
    ["messages as text", { messages: "Hi" }, "messages"],
    ["messages as an object", { messages: { 0: messages[0] } }, "messages"],
    ["a message that is none", { messages: [...messages, null] }, "messages[1]"],
    ["a message that is a list", { messages: [[]] }, "messages[0]"],
    ["a role that is missing", { messages: [{ content: "Hi" }] }, "messages[0].role"],
    [
      "a role that there is none of",
      { messages: [...messages, { role: "root", content: "" }] },
      "messages[1].role",
    ],
    ["a role that objects inherit", { messages: [{ role: "constructor", content: "" }] }, "messages[0].role"],
    ["content as a number", { messages: [{ role: "user", content: 1 }] }, "messages[0].content"],
    [
      "a part that is none",
      { messages: [{ role: "user", content: [{ type: "text", text: "" }, 3] }] },
      "messages[0].content[1]",
    ],
    ["a model that is a number", { model: 1, messages }, "model"],
    ["a model without a name", { model: "", messages }, "model"],
    ["a model with an endless name", { model: "x".repeat(257), messages }, "model"],
    ["stream as text", { messages, stream: "true" }, "stream"],
    ["stream_options as a list", { messages, stream: true, stream_options: [] }, "stream_options"],
    [
      "include_usage as text",
      { messages, stream_options: { include_usage: "yes" } },
      "stream_options.include_usage",
    ],
    ["n of zero", { messages, n: 0 }, "n"],
    ["n of a million", { messages, n: 1_000_000 }, "n"],
    ["half an answer", { messages, n: 1.5 }, "n"],
    ["max_tokens below one", { messages, max_tokens: -1 }, "max_tokens"],
    ["max_tokens as text", { messages, max_tokens: "100" }, "max_tokens"],
    ["max_tokens beyond all numbers", { messages, max_completion_tokens: 1e308 }, "max_completion_tokens"],
    ["tools as an object", { messages, tools: {} }, "tools"],
    ["response_format as text", { messages, response_format: "json" }, "response_format"],
    ["user as an object", { messages, user: {} }, "user"],
  ];
  test.each(table)("%s", async (_, body, param) => {
    const response = await send(JSON.stringify({ model: "chat", ...body }));
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_request", param });
  });

  test.each<[string, object, string]>([
    ["/v1/embeddings", {}, "input"],
    ["/v1/embeddings", { input: [] }, "input"],
    ["/v1/embeddings", { input: ["a", 1] }, "input[1]"],
    ["/v1/embeddings", { input: [1, "a"] }, "input[1]"],
    ["/v1/embeddings", { input: {} }, "input"],
    ["/v1/completions", {}, "prompt"],
    ["/v1/completions", { prompt: [[]] }, "prompt[0]"],
    ["/v1/completions", { prompt: "a", stream: 1 }, "stream"],
  ])("%s %p", async (to, body, param) => {
    const response = await send(JSON.stringify({ model: "chat", ...body }), {}, to);
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_request", param });
  });

  test("the message never repeats what was sent", async () => {
    const prompt = "my own words";
    const body = { model: "chat", messages: [{ role: prompt, content: prompt }], user: prompt };
    expect(JSON.stringify(await errorOf(await send(JSON.stringify(body))))).not.toContain(prompt);
  });
});

describe("an unusual body that is accepted", () => {
  const accepted = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const response = await send(body, headers);
    expect([response.status, await response.text()]).toMatchObject([200, expect.stringContaining("Hello")]);
    return upstream.requests.at(-1)?.body ?? {};
  };

  test("begins with a byte order mark", async () => {
    expect(await accepted(bytes([0xef, 0xbb, 0xbf], good))).toMatchObject({ model: "allowed" });
  });

  test.each(["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json"])(
    "is %s",
    async (type) => {
      await accepted(good, { "content-type": type });
    },
  );

  test("has no content-type at all", async () => {
    const answer = await sendRaw(
      gateway.server.port,
      rawRequest(`POST ${path}`, ["Host: localhost", "Authorization: Bearer key-one"], good),
    );
    expect(answer.status).toBe(200);
  });

  test("has null where it means nothing", async () => {
    const body = {
      ...chat("chat"),
      stream: null,
      n: null,
      max_tokens: null,
      tools: null,
      user: null,
      stream_options: null,
    };
    await accepted(JSON.stringify(body));
  });

  test("has keys that objects inherit; nothing is polluted, and they go where they were meant to go", async () => {
    const evil = `{"__proto__":{"stream":true,"model":"secret"},"constructor":{"prototype":{"x":1}},"toString":1,"hasOwnProperty":0,${good.slice(1)}`;
    await accepted(evil);
    const sent = upstream.requests.at(-1)?.body ?? {};
    expect(sent["model"]).toBe("allowed");
    expect(Object.hasOwn(sent, "stream")).toBe(false);
    expect(Object.hasOwn(sent, "toString")).toBe(true);
    const bare: Record<string, unknown> = {};
    expect([bare["stream"], bare["x"], bare["model"]]).toEqual([undefined, undefined, undefined]);
  });

  test.each([
    ["model", `{"model":"secret","model":"chat","messages":[{"role":"user","content":"Hi"}]}`, "allowed"],
    [
      "model, written with an escape",
      `{"mod\\u0065l":"secret","model":"chat","messages":[{"role":"user","content":"Hi"}]}`,
      "allowed",
    ],
    [
      "model, the escape last",
      `{"model":"secret","mod\\u0065l":"other","messages":[{"role":"user","content":"Hi"}]}`,
      "other",
    ],
  ])("has two of %s: the last wins, and the provider sees no other", async (_, body, model) => {
    const seen: string[] = [];
    const raw = Bun.serve({
      port: 0,
      fetch: async (request) => {
        seen.push(await request.text());
        return Response.json({ error: { message: "seen" } }, { status: 400 });
      },
    });
    const own = await startGateway(
      `auth: { keys: [{ id: one, secret: env:ONE, models: [chat, other] }] }
providers: { up: { kind: openai, base_url: "http://127.0.0.1:${raw.port}/v1" } }
models: { chat: { targets: [up/allowed] }, other: { targets: [up/other] }, secret: { targets: [up/forbidden] } }`,
      { env: { ONE: "key-one" } },
    );
    expect((await own.post(path, body, authorization)).status).toBe(400);
    expect(JSON.parse(seen[0] ?? "{}").model).toBe(model);
    expect(seen[0]).not.toMatch(/secret|forbidden/);
    expect(seen[0]?.match(/"mod(e|\\u0065)l"/g)).toHaveLength(1);
    await own.stop();
    await raw.stop(true);
  });

  test("a key may not have the first of two models let it in for the last", async () => {
    const body = `{"model":"chat","model":"secret","messages":[{"role":"user","content":"Hi"}]}`;
    expect(await errorOf(await send(body))).toMatchObject({ status: 403, code: "model_not_allowed" });
  });

  test("two of stream are the last one, for us and for the provider", async () => {
    const response = await send(`{"stream":true,"stream":false,${good.slice(1)}`);
    expect(response.headers.get("content-type")).toBe("application/json");
    await response.text();
    expect(upstream.requests.at(-1)?.body["stream"]).not.toBe(true);
  });
});

describe("a body of another type", () => {
  test.each([
    ["application/x-www-form-urlencoded", "model=chat&__proto__[x]=1"],
    [
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nchat\r\n--x--\r\n',
    ],
    ["text/plain", good],
    ["application/xml", "<a/>"],
    ["application/jsonp", good],
    ["application/json+xml", good],
    ["image/png", good],
    [",", good],
  ])("%s is told what would be right", async (type, body) => {
    expect(await errorOf(await send(body, { "content-type": type }))).toMatchObject({
      status: 400,
      code: "invalid_request",
      message: 'The content-type has to be "application/json".',
    });
  });
});

test("nothing is left under way", async () => {
  await until(
    async () => (await (await fetch(`${gateway.url}/health`)).json()).in_flight === 0,
    "nothing in flight",
  );
});
