import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../../src/config/compile.ts";
import { readSources } from "../../src/config/source.ts";
import { show } from "./helpers.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-example-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function compiled() {
  cpSync(join(import.meta.dir, "contract_example.yaml"), join(scratch, "routes.yaml"));
  mkdirSync(join(scratch, "teams"), { recursive: true });
  writeFileSync(join(scratch, "teams", "search.yaml"), "aliases: { search-chat: chat }\n");
  const sources = await readSources(join(scratch, "routes.yaml"));
  if (!sources.ok) throw new Error(show(sources.error).join("\n"));
  return compile(sources.value, { engine: "0.1.0", variables: {} });
}

test("the example of the contract compiles, with the file that it includes", async () => {
  const result = await compiled();
  expect(show(result.diagnostics).filter((line) => line.includes(" error "))).toEqual([]);
  if (!result.ok) throw new Error("refused");
  const { snapshot } = result;

  expect([...snapshot.models.keys()]).toEqual(["chat", "small", "embed"]);
  expect(snapshot.patterns.map(({ name }) => name)).toEqual(["openai/*"]);
  expect([...snapshot.aliases.keys()]).toEqual(["gpt-3.5-turbo", "gpt-4", "search-chat"]);
  expect(snapshot.providers.get("openai")?.pool.map(({ id }) => id)).toEqual(["OPENAI_API_KEY", "spare"]);
  expect(snapshot.providers.get("openai")?.facts.map(({ model }) => model)).toEqual(["gpt-4o*", "o*"]);
  expect(snapshot.metrics.hourMs).toBe(365 * 86_400_000);
  expect(snapshot.rollout?.canary).toBe(0.1);
  expect(snapshot.gates.replay?.maxNewlyRefused).toBe(0.001);
});

test("the example's key has its team's rules beside its own, each with its line", async () => {
  const result = await compiled();
  if (!result.ok) throw new Error("refused");
  const [key] = result.snapshot.auth.keys;
  expect(key).toMatchObject({
    id: "web-app",
    role: "client",
    team: { name: "search" },
    labels: { cost_center: "4711" },
  });
  expect(key?.limits).toMatchObject([
    { limit: "rpm", of: 600, at: { line: 16, column: 17 } },
    { limit: "tpm", of: 200_000 },
  ]);
  expect(key?.team?.budgets.map(({ limit, of }) => `${of} ${limit}`)).toEqual([
    "2000 budget_month",
    "200 budget_day",
  ]);
  expect(new Date(key?.expiresAt ?? 0).toISOString()).toBe("2028-01-01T00:00:00.000Z");
});

test("the routes.yaml that ships compiles without a single warning or variable", async () => {
  const sources = await readSources(join(import.meta.dir, "..", "..", "routes.yaml"));
  if (!sources.ok) throw new Error(show(sources.error).join("\n"));
  const result = compile(sources.value, { engine: "0.1.0", variables: {} });
  expect(show(result.diagnostics)).toEqual([]);
  expect(result.ok && result.snapshot.defaultModel).toBe("demo");
  expect(result.ok && result.snapshot.auth.keys).toEqual([]);
});
