import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { isRecord } from "../../../src/core/record.ts";
import { refusals } from "../../../src/domain/refusal.ts";
import { type Running, startGateway } from "../../support/gateway.ts";

let gateway: Running;
let document: { paths: Record<string, Record<string, Record<string, unknown>>> };
beforeAll(async () => {
  gateway = await startGateway("providers: { p: { kind: simulated } }\nmodels: { m: { targets: [p/x] } }\n");
  document = await (await fetch(`${gateway.url}/docs/json`)).json();
});
afterAll(() => gateway.stop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test("the document is valid OpenAPI 3", async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
});

test("every route of the sources is in it, and nothing else", () => {
  const folder = join(import.meta.dir, "..", "..", "..", "src", "http");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !/^(docs\b|admin.page)/.test(name),
  );
  const routes = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(/\.(get|post|put|delete)\(\s*"(\/[^"]*)"/g)].map(
      ([, method, path = ""]) =>
        `${method} ${path.replace(/:(\w+)/g, "{$1}").replace("/v1/models/*", method === "post" ? "/v1/models/{id}/test" : "/v1/models/{id}")}`,
    ),
  );
  const documented = operations().map(({ path, method }) => `${method} ${path}`);
  const made = ["post /v1/chat/completions", "post /v1/completions", "post /v1/embeddings"];
  expect(routes.filter((route) => !documented.includes(route)).sort()).toEqual([]);
  expect(documented.filter((route) => ![...routes, ...made].includes(route)).sort()).toEqual([]);
});

test("every operation says what it is, who may call it, and how it can fail, with examples", () => {
  for (const { path, method, operation } of operations()) {
    const name = `${method} ${path}`;
    expect([name, typeof operation["summary"]]).toEqual([name, "string"]);
    const responses = isRecord(operation["responses"]) ? operation["responses"] : {};
    expect([name, JSON.stringify(responses["200"])]).toEqual([name, expect.stringContaining('"example"')]);
    if (path.startsWith("/admin/")) expect([name, operation["security"]]).toEqual([name, [{ admin: [] }]]);
  }
  const told = JSON.stringify(document);
  for (const code of Object.keys(refusals)) expect(told).toContain(`\`${code}\``);
});

describe.each(["/docs", "/redoc"])("%s", (path) => {
  test("loads nothing from anywhere else", async () => {
    const page = await fetch(gateway.url + path);
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
    const assets = [...html.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)].map(
      ([, asset = ""]) => asset,
    );
    expect(assets.length).toBeGreaterThan(0);
    for (const asset of assets) {
      const response = await fetch(gateway.url + asset);
      expect([asset, response.status]).toEqual([asset, 200]);
      expect((await response.text()).length).toBeGreaterThan(10_000);
    }
  });
});

test("no other file of the machine can be had", async () => {
  for (const name of ["../package.json", "..%2fpackage.json", "swagger-ui.js", "constructor", ""]) {
    const response = await fetch(`${gateway.url}/docs/assets/${name}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  }
});
