import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { json, startUpstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/*
 * The addresses of clouds that kind openai serves, as README.md has them, with the host replaced by one on loopback.
 */
const vector = { object: "list", model: "m", data: [{ object: "embedding", index: 0, embedding: [1] }] };
const cloud = startUpstream(({ body }) => (body["input"] === undefined ? undefined : json(vector)));
const secrets = mkdtempSync(join(tmpdir(), "switchyard-clouds-"));
const vertex = "/v1/projects/acme/locations/europe-west1/endpoints/openapi";
let gateway: Running;

/** As token helpers do: the new file takes the place of the old one. */
function rotate(name: string, token: string): void {
  writeFileSync(join(secrets, `${name}.next`), `${token}\n`);
  renameSync(join(secrets, `${name}.next`), join(secrets, name));
}

beforeAll(async () => {
  rotate("vertex-token", "ya29.first");
  rotate("service-token", "svc-first");
  const host = new URL(cloud.url).origin;
  gateway = await startGateway(
    `
providers:
  azure:
    kind: openai
    base_url: ${host}/openai/deployments/{model}
    query: { api-version: "2024-10-21" }
    api_key: env:AZURE_API_KEY
    api_key_header: api-key
  bedrock: { kind: openai, base_url: "${host}/openai/v1", api_key: env:BEDROCK_API_KEY }
  vertex: { kind: openai, base_url: "${host}${vertex}", api_key: "file:vertex-token" }
  fixed: { kind: request, base_url: "${host}/fixed", token: "file:service-token", api_key_header: X-Auth }
models:
  "azure/*": { targets: ["azure/*"] }
  "bedrock/*": { targets: ["bedrock/*"] }
  "vertex/*": { targets: ["vertex/*"] }
  "fixed/*": { targets: ["fixed/*"] }
`,
    {
      env: { AZURE_API_KEY: "azure-key", BEDROCK_API_KEY: "bedrock-key" },
      args: ["--secrets-dir", secrets],
    },
  );
});
afterAll(async () => {
  await gateway.stop();
  await cloud.stop();
  rmSync(secrets, { recursive: true });
});

async function sent(path: string, body: object) {
  expect((await gateway.post(path, body)).status).toBe(200);
  const last = cloud.requests.at(-1);
  const header = (name: string) => last?.headers.get(name) ?? null;
  return { path: last?.path, model: last?.body["model"], header };
}

describe("a cloud's address", () => {
  test.each([
    ["chat/completions", "gpt-4o", "gpt-4o"],
    ["chat/completions", "team:gpt@4/o", "team%3Agpt%404%2Fo"],
    ["embeddings", "ada", "ada"],
  ])(
    "of Azure has deployment and version in it, and a header of its own: %s of %s",
    async (path, model, written) => {
      const body = path === "embeddings" ? { input: "x" } : chat("");
      const call = await sent(`/v1/${path}`, { ...body, model: `azure/${model}` });
      expect(call.path).toBe(`/openai/deployments/${written}/${path}?api-version=2024-10-21`);
      expect([call.header("api-key"), call.header("authorization")]).toEqual(["azure-key", null]);
    },
  );

  test("of Azure streams from the same place", async () => {
    const { path } = await sent("/v1/chat/completions", chat("azure/gpt-4o", { stream: true }));
    expect(path).toBe("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  });

  test("of Bedrock is OpenAI's, and its model ids are names like any other", async () => {
    const { path, model, header } = await sent(
      "/v1/chat/completions",
      chat("bedrock/openai.gpt-oss-120b-1:0"),
    );
    expect([path, model]).toEqual(["/openai/v1/chat/completions", "openai.gpt-oss-120b-1:0"]);
    expect(header("authorization")).toBe("Bearer bedrock-key");
  });

  test("of Vertex takes a token file, and its next value without a reload", async () => {
    const ask = () => sent("/v1/chat/completions", chat("vertex/google/gemini-2.5-flash"));
    const first = await ask();
    expect([first.path, first.model]).toEqual([`${vertex}/chat/completions`, "google/gemini-2.5-flash"]);
    expect(first.header("authorization")).toBe("Bearer ya29.first");
    const fixed = () => sent("/v1/chat/completions", chat("fixed/m"));
    const before = await fixed();
    expect([before.header("x-auth"), before.header("authorization")]).toEqual(["svc-first", null]);

    rotate("vertex-token", "ya29.second");
    rotate("service-token", "svc-second");
    await until(async () => (await ask()).header("authorization") === "Bearer ya29.second", "the next token");
    await until(async () => (await fixed()).header("x-auth") === "svc-second", "the next token");
  });
});
