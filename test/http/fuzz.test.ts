import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { cases } from "../support/thorough.ts";
import { until } from "../support/until.ts";
import { json, sse, startUpstream, type Upstream } from "../support/upstream.ts";
import { changed, full, numbers, pick, torn } from "./mutations.ts";
import { rawRequest, sendRaw } from "./raw.ts";

setDefaultTimeout(20_000);

let upstream: Upstream;
let gateway: Running;
const embeddings = {
  object: "list",
  data: [{ object: "embedding", index: 0, embedding: [0.5] }],
  model: "upstream-1",
};
const textCompletion = {
  id: "cmpl-1",
  object: "text_completion",
  created: 1_700_000_000,
  model: "upstream-1",
  choices: [{ index: 0, text: "Hello there.", finish_reason: "stop", logprobs: null }],
};

beforeAll(async () => {
  upstream = startUpstream(({ path, body }) => {
    if (path.endsWith("/embeddings")) return json(embeddings);
    if (path.endsWith("/chat/completions")) return undefined;
    return body["stream"] === true ? sse([JSON.stringify(textCompletion), "[DONE]"]) : json(textCompletion);
  });
  gateway = await startGateway(
    `
auth: { keys: [{ id: one, secret: env:ONE, models: [chat, embed], limits: { tpr: 1M } }] }
providers: { up: { kind: openai, base_url: "${upstream.url}" } }
models:
  chat: { targets: [up/allowed], defaults: { temperature: 1 }, overrides: { seed: 7 }, max: { max_tokens: 100 } }
  embed: { targets: [up/embed] }
  secret: { targets: [up/forbidden] }
`,
    { env: { ONE: "key-one" } },
  );
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const paths = ["/v1/chat/completions", "/v1/chat/completions", "/v1/completions", "/v1/embeddings"];
/** Of each way to spoil a request, so many. */
const count = cases(400, 1_600);
const expected = new Set([200, 400, 401, 403, 404, 405, 413, 429, 431]);

/** Sends them 32 at a time; what came back that may not. */
async function ask(
  count: number,
  one: (index: number) => Promise<string | null>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const problem = await one(index);
      if (problem !== null) wrong.push(`#${index}: ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return wrong.slice(0, 5);
}

async function judge(response: Response, sent: () => string): Promise<string | null> {
  const text = await response.text();
  if (!expected.has(response.status))
    return `${response.status} ${text.slice(0, 300)} for ${sent().slice(0, 600)}`;
  if (response.status === 200) return null;
  const { error } = JSON.parse(text);
  const shape = [typeof error.message, typeof error.type, typeof error.code].join(" ");
  return shape === "string string string" ? null : `the shape ${shape} for ${sent().slice(0, 600)}`;
}

const post = (path: string, body: Uint8Array<ArrayBuffer>) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: "Bearer key-one", "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(15_000),
  });

test("requests with something changed in them", async () => {
  const wrong = await ask(count, async (index) => {
    const below = numbers(index);
    let body: unknown = { ...full, stream: below(3) === 0, input: "text", prompt: "text" };
    for (let times = 1 + below(3); times > 0; times--) body = changed(below, body);
    const text = Buffer.from(JSON.stringify(body) ?? "");
    return judge(await post(pick(below, paths), text), () => text.toString());
  });
  expect(wrong).toEqual([]);
});

test("requests whose text was torn", async () => {
  const text = JSON.stringify({ ...full, input: "text", prompt: "text" });
  const short = JSON.stringify(chat("chat"));
  const wrong = await ask(count, async (index) => {
    const below = numbers(10_000 + index);
    const body = torn(below, below(2) === 0 ? text : short);
    return judge(await post(pick(below, paths), body), () => body.toString("latin1"));
  });
  expect(wrong).toEqual([]);
});

test("requests whose head was torn", async () => {
  const body = JSON.stringify(chat("chat"));
  const targets = [
    "/v1/models",
    "/v1/models/chat",
    "/health",
    "/metrics",
    "/metrics/trends?hours=24",
    "/v1/chat/completions",
    "/nothing",
  ];
  let answered = 0;
  const wrong = await ask(count / 2, async (index) => {
    const below = numbers(20_000 + index);
    const isPost = below(3) === 0;
    const line = isPost ? "POST /v1/chat/completions" : `GET ${pick(below, targets)}`;
    const head = ["Host: localhost", "Authorization: Bearer key-one", "Content-Type: application/json"];
    const whole = rawRequest(line, head, isPost ? body : null);
    const end = whole.indexOf("\r\n\r\n");
    const sent = Buffer.concat([torn(below, whole.slice(0, end)), Buffer.from(whole.slice(end))]);
    // A head that promises more than comes is waited for; many times as long as an answer takes is enough to tell.
    const { status, body: got } = await sendRaw(gateway.server.port, sent, 500);
    if (status !== 0) answered += 1;
    const good = status === 0 || expected.has(status) || status === 505;
    return good ? null : `${status} ${got.slice(0, 300)} for ${sent.toString("latin1")}`;
  });
  expect(wrong).toEqual([]);
  expect(answered).toBeGreaterThan(count * 0.375);
});

test("no field of a body steers a request to another place, and no secret model was reached", () => {
  expect(upstream.requests.length).toBeGreaterThan(count * 0.3);
  expect(new Set(upstream.requests.map(({ body }) => body["model"]))).toEqual(new Set(["allowed"]));
  expect(new Set(upstream.requests.map(({ path }) => path))).toEqual(
    new Set(["/v1/chat/completions", "/v1/completions", "/v1/embeddings"]),
  );
});

test("nothing is left under way, and the gateway serves on", async () => {
  await until(
    async () => (await (await fetch(`${gateway.url}/health`)).json()).in_flight === 0,
    "nothing in flight",
  );
  expect((await post("/v1/chat/completions", Buffer.from(JSON.stringify(chat("chat"))))).status).toBe(200);
});
