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
const good = JSON.stringify(chat("chat"));

describe("a confusing address", () => {
  const port = () => gateway.server.port;

  test.each([
    "x",
    "ab",
    "llm",
    "x:1",
    "llm:8728",
    "gateway",
    "localhost",
    "127.0.0.1:8728",
    "[::1]:8728",
    "a_b.example.com",
    "EXAMPLE.com",
  ])("Host: %s is as good as any, and opens nothing", async (host) => {
    const chatting = await sendRaw(
      port(),
      rawRequest(`POST ${path}?x=1`, [`Host: ${host}`, "Authorization: Bearer key-one"], good),
    );
    expect(chatting.status).toBe(200);
    for (const [target, status] of [
      ["/health", 200],
      ["/v1/models", 401],
      ["/metrics", 401],
      ["/metrics/trends?hours=1", 401],
      ["/pub/metrics", 404],
      ["/pub/v1/models", 404],
      ["/health/../metrics", 401],
      ["//metrics", 404],
      ["http://evil.com/metrics", 401],
      ["http://x/metrics", 401],
      ["/nothing#/metrics", 404],
    ] as const) {
      const answer = await sendRaw(port(), rawRequest(`GET ${target}`, [`Host: ${host}`]));
      expect([host, target, answer.status]).toEqual([host, target, status]);
    }
  });

  test.each([
    "",
    "localhost:1/#@evil",
    "localhost:4000/?x",
    "a b",
    "a/metrics",
    "user@host",
    "user:password@host",
    "localhost:",
    "localhost:99999",
    "localhost:65536",
    "localhost:x",
    "x\\y",
    "x#",
    "a,b",
    "a.1",
    "1.2.3.4.5",
    "256.256.256.256",
    "[:::]",
    "[::1",
    "xn--a",
    "-",
    "\xe9",
    "%6c",
    "x".repeat(300),
  ])("Host: %p is refused, whatever the path", async (host) => {
    for (const target of ["/health", "/v1/models", "/metrics", "/pub/v1/models", "/nothing"]) {
      const answer = await sendRaw(
        port(),
        Buffer.from(
          rawRequest(`GET ${target}`, [`Host: ${host}`, "Authorization: Bearer key-one"]),
          "latin1",
        ),
      );
      expect([target, answer.status]).toEqual([target, 400]);
      expect(JSON.parse(answer.body).error.code).toBe("invalid_request");
      expect(answer.headers["x-request-id"]).toMatch(/^req-/);
    }
  });

  test.each([
    ["two of them", ["Host: localhost", "Host: evil.com"]],
    ["two alike", ["Host: localhost", "Host: localhost"]],
    ["none", []],
  ])("%s is refused", async (_, hosts) => {
    const answer = await sendRaw(port(), rawRequest("GET /health", hosts));
    expect(answer.status).toBe(400);
  });

  test("a client behind a short host name that leaves is noticed", async () => {
    const before = upstream.requests.length;
    const silent = startUpstream(() => new Promise(() => {}));
    const own = await startGateway(
      `providers: { up: { kind: openai, base_url: "${silent.url}" } }\nmodels: { chat: { targets: [up/x] } }`,
    );
    const leaving = sendRaw(own.server.port, rawRequest(`POST ${path}`, ["Host: llm"], good), 100);
    await until(() => silent.requests.length === 1, "the request upstream");
    await leaving;
    await until(() => silent.aborted() === 1, "the provider told");
    expect(upstream.requests.length).toBe(before);
    await own.stop();
    await silent.stop();
  });
});

describe("credentials that were joined", () => {
  test.each([
    ["two Authorization headers", ["Authorization: Bearer key-one", "Authorization: Bearer key-viewer"]],
    ["the same one twice", ["Authorization: Bearer key-one", "Authorization: Bearer key-one"]],
    ["a list in one header", ["Authorization: Bearer key-one, Bearer key-viewer"]],
    ["a comma behind it", ["Authorization: Bearer key-one,"]],
    ["two tokens", ["Authorization: Bearer key-one key-one"]],
    ["no scheme", ["Authorization: key-one"]],
    ["another scheme", ["Authorization: Basic a2V5LW9uZQ=="]],
    ["nothing behind the scheme", ["Authorization: Bearer "]],
    ["another header", ["X-Api-Key: key-one"]],
    ["the query", []],
  ])("%s: 401", async (_, headers) => {
    const target = headers.length === 0 ? `${path}?api_key=key-one&authorization=Bearer%20key-one` : path;
    const answer = await sendRaw(
      gateway.server.port,
      rawRequest(`POST ${target}`, ["Host: localhost", ...headers], good),
    );
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([401, "invalid_api_key"]);
  });

  test.each(["bearer key-one", "BEARER   key-one"])("%p is accepted", async (value) => {
    expect((await send(good, { authorization: value })).status).toBe(200);
  });
});

describe("what is no request", () => {
  test.each([
    ["a header of 40 KB", rawRequest("GET /health", ["Host: localhost", `X: ${"a".repeat(40_000)}`]), 431],
    [
      "300 headers",
      rawRequest("GET /health", ["Host: localhost", ...Array.from({ length: 300 }, (_, n) => `X${n}: 1`)]),
      431,
    ],
    ["a path of 40 KB", rawRequest(`GET /${"a".repeat(40_000)}`, ["Host: localhost"]), 431],
    [
      "both lengths",
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "two lengths",
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      400,
    ],
    [
      "a negative length",
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      400,
    ],
    ["a NUL in a header", "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["a method that there is none of", rawRequest("BREW /health", ["Host: localhost"]), 0],
  ])("%s ends the connection", async (_, text, status) => {
    const answer = await sendRaw(gateway.server.port, Buffer.from(text, "latin1"));
    expect([answer.status, answer.closed]).toEqual([status, true]);
  });
});

test("nothing is left under way", async () => {
  await until(
    async () => (await (await fetch(`${gateway.url}/health`)).json()).in_flight === 0,
    "nothing in flight",
  );
});

test("a model's name never leads an address elsewhere", async () => {
  const own = await startGateway(
    `providers: { up: { kind: openai, base_url: "${upstream.url}/deployments/{model}" } }\nmodels: { "*": { targets: ["up/*"] } }`,
  );
  const ask = async (model: string) => (await own.post(path, chat(model))).status;
  const before = upstream.requests.length;
  for (const model of ["..", "."]) expect([model, await ask(model)]).toEqual([model, 404]);
  for (const model of ["../..", "a/../b", "..\\..", "x?y", "x#y", "%2e%2e", "@evil.com", "//evil.com"])
    expect([model, await ask(model)]).toEqual([model, 200]);
  for (const { path } of upstream.requests.slice(before))
    expect(path).toMatch(/^\/v1\/deployments\/[^/?#]+\/chat\/completions$/);
  await own.stop();
});
