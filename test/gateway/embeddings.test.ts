import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Running, startGateway } from "../support/gateway.ts";
import { json, startUpstream, type Upstream } from "../support/upstream.ts";

const vector = [0.5, -0.25, 0.125];

/** Answers floats, whatever was asked for, as many servers do. */
let upstream: Upstream;
let gateway: Running;

beforeAll(async () => {
  upstream = startUpstream(({ body }) => {
    const inputs = Array.isArray(body["input"]) ? body["input"] : [body["input"]];
    const data = inputs.map((_, index) => ({ object: "embedding", index, embedding: vector }));
    return json({ object: "list", model: "e", data, usage: { prompt_tokens: 1, total_tokens: 1 } });
  });
  gateway = await startGateway(`
providers:
  local: { kind: openai, base_url: ${upstream.url} }
  mistral: { kind: mistral, base_url: ${upstream.url} }
models:
  local: { targets: [local/nomic] }
  mistral: { targets: [mistral/mistral-embed] }
`);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

test("the SDK gets the numbers from a server that knows no base64, though it asks for it", async () => {
  const { data } = await gateway.client().embeddings.create({ model: "local", input: ["a", "b"] });
  expect(upstream.requests.at(-1)?.body["encoding_format"]).toBe("base64");
  expect(data.map(({ embedding }) => [...embedding])).toEqual([vector, vector]);
});

test("who asks for floats gets them as they came", async () => {
  const answer = await gateway.post("/v1/embeddings", {
    model: "local",
    input: "a",
    encoding_format: "float",
  });
  expect(await answer.json()).toMatchObject({ data: [{ embedding: vector }] });
});

test("token arrays reach a provider that takes text alone as text", async () => {
  const input = [[15339], [1917]];
  const { data } = await gateway.client().embeddings.create({ model: "mistral", input, dimensions: 3 });
  expect(data).toHaveLength(2);
  expect(upstream.requests.at(-1)?.body).toMatchObject({ input: ["hello", " world"], output_dimension: 3 });
  await gateway.client().embeddings.create({ model: "local", input });
  expect(upstream.requests.at(-1)?.body["input"]).toEqual(input);
});

test("tokens that are none are refused before anything is sent", async () => {
  const before = upstream.requests.length;
  const answer = await gateway.post("/v1/embeddings", { model: "mistral", input: [999_999_999] });
  expect([answer.status, upstream.requests.length]).toEqual([400, before]);
  expect(await answer.text()).toContain("999999999 is no token of cl100k_base");
});
