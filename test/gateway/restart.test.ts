import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { type Child, serving, startChild } from "../support/child.ts";
import { chat, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const made: string[] = [];
const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal("SIGKILL");
    await child.exited;
  }
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function here(yaml?: string): string {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-restart-"));
  made.push(directory);
  if (yaml !== undefined) writeFileSync(join(directory, "routes.yaml"), yaml);
  return directory;
}

const child = async (...args: Parameters<typeof startChild>): Promise<Child> => {
  const started = await serving(...args);
  children.push(started);
  return started;
};

const limited = (name = "m", rpd = 100) => `version: 1
logging: { interactions: full }
providers: { p: { kind: simulated, limits: { rpd: ${rpd}, rpm: ${rpd} } } }
models: { ${name}: { targets: [p/x] } }
`;

const ask = (url: string, model = "m", more: object = {}, init: RequestInit = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat(model, more)),
    ...init,
  });
const askOften = (url: string, times: number) => Promise.all(Array.from({ length: times }, () => ask(url)));
const healthOf = async (url: string) => (await fetch(`${url}/health`)).json();
const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).json();
const usedOf = async (url: string, limit: string): Promise<number> =>
  (await metricsOf(url)).providers[0].limits.find((one: { limit: string }) => one.limit === limit).used;
const labelOf = async (url: string) => (await ask(url)).headers.get("x-gateway-config") ?? "";

/** What the control database holds of a counter, read from another process's point of view. */
function savedUses(directory: string): number {
  const sqlite = openSqlite(join(directory, "data/state.sqlite"), { readonly: true });
  const rows = sqlite.prepare("SELECT counter FROM counters").all();
  sqlite.close();
  const counters = rows.map((row) => JSON.parse(String(row["counter"])));
  const booked: readonly number[] = counters.find(({ limit }) => limit === "rpd")?.booked ?? [];
  return booked.reduce((sum, value, index) => (index % 2 === 1 ? sum + value : sum), 0);
}

describe("a restart", () => {
  test("keeps rpd, rpm, totals and the number of the generation", async () => {
    const directory = here();
    const first = await startGateway(limited("m", 5), { directory });
    await first.write(limited("m", 6));
    expect((await askOften(first.url, 4)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const label = await labelOf(first.url);
    expect(label).toMatch(/^2-/);
    await first.stop();

    const second = await startGateway(limited("m", 6), { directory });
    expect(await usedOf(second.url, "rpd")).toBe(5);
    expect(await usedOf(second.url, "rpm")).toBe(5);
    const [last, over] = [await ask(second.url), await ask(second.url)];
    expect([last.status, over.status]).toEqual([200, 429]);
    expect(last.headers.get("x-gateway-config")).toBe(label);
    expect((await metricsOf(second.url)).totals.requests).toBe(7);
    await second.stop();

    const third = await startGateway(limited("m", 7), { directory });
    expect(await labelOf(third.url)).toMatch(/^3-/);
    await third.stop();
  });

  test("after kill -9 loses at most a second of limits, and no row that was acknowledged", async () => {
    const directory = here(limited());
    const first = await child(directory);
    await askOften(first.url, 20);
    await until(() => savedUses(directory) === 20, "a checkpoint");
    await askOften(first.url, 5);
    const acknowledged = (await metricsOf(first.url)).totals.requests;
    expect(acknowledged).toBe(25);
    await askOften(first.url, 5);
    first.signal("SIGKILL");
    expect(await first.exited).toBeNull();

    const second = await child(directory);
    expect(await usedOf(second.url, "rpd")).toBeWithin(20, 31);
    expect((await metricsOf(second.url)).totals.requests).toBeWithin(25, 31);
    expect(await labelOf(second.url)).toMatch(/^1-/);
    for (const name of ["state", "switchyard"]) {
      const sqlite = openSqlite(join(directory, `data/${name}.sqlite`), { readonly: true });
      expect(sqlite.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      sqlite.close();
    }
  });
});

describe("a routes.yaml that is broken at the start", () => {
  test.each([
    ["broken", "models: [\n"],
    ["unknown", `${limited()}modles: {}\n`],
    ["empty", ""],
    ["gone", null],
  ])("(%s) is no reason not to serve the last known good, which is said", async (_, text) => {
    const directory = here();
    const first = await startGateway(limited(), { directory });
    const label = await labelOf(first.url);
    await first.stop();
    const path = join(directory, "routes.yaml");
    if (text === null) rmSync(path);
    else writeFileSync(path, text);

    const second = await child(directory);
    expect(await labelOf(second.url)).toBe(label);
    expect(await healthOf(second.url)).toMatchObject({
      status: "degraded",
      degraded: expect.stringContaining("refused"),
    });
    writeFileSync(path, limited("m", 50));
    await until(async () => (await healthOf(second.url)).status === "ok", "the mended file served");
    expect(await labelOf(second.url)).toMatch(text === null ? /^2-/ : /^3-/);
  });

  test("ends it with exit 1 and every diagnostic, where there is no last known good", async () => {
    const directory = here(`${limited()}modles: {}\naliases: { a: nobody }\n`);
    const failed = await startChild(directory);
    if (!("code" in failed)) throw new Error("it serves");
    expect(failed.code).toBe(1);
    expect(failed.errors).toMatch(/routes\.yaml:5:1\b/);
    expect(failed.errors).toContain("modles");
    expect(failed.errors).toContain("unknown_model");
    writeFileSync(join(directory, "routes.yaml"), limited());
    expect(await labelOf((await child(directory)).url)).toMatch(/^2-/);
  });
});

describe("a corrupt database", () => {
  const asideOf = (directory: string, name: string) =>
    readdirSync(join(directory, "data")).filter((file) => file.startsWith(`${name}.corrupt-`));
  const corruptions: Readonly<Record<string, (file: string) => void>> = {
    "that is no database": (file) =>
      writeFileSync(file, "this is no database, but it is long enough to be one\n".repeat(99)),
    "whose pages are garbage": (file) => {
      const bytes = readFileSync(file);
      bytes.fill(0xa5, 100);
      writeFileSync(file, bytes);
    },
  };
  const prepared = async () => {
    const directory = here();
    const gateway = await startGateway(limited(), { directory });
    await gateway.write(limited("m", 99));
    await askOften(gateway.url, 3);
    await gateway.stop();
    return directory;
  };

  test.each(Object.keys(corruptions))("state.sqlite %s is set aside; the traffic stays", async (how) => {
    const directory = await prepared();
    corruptions[how]?.(join(directory, "data/state.sqlite"));
    const gateway = await startGateway(limited("m", 99), { directory });
    expect(await labelOf(gateway.url)).toMatch(/^1-/);
    expect((await metricsOf(gateway.url)).totals.requests).toBe(4);
    expect(asideOf(directory, "state.sqlite")).toHaveLength(1);
    expect(asideOf(directory, "switchyard.sqlite")).toHaveLength(0);
    await gateway.stop();
    const again = await startGateway(limited("m", 99), { directory });
    expect(await usedOf(again.url, "rpd")).toBe(1);
    await again.stop();
  });

  test.each(Object.keys(corruptions))(
    "switchyard.sqlite %s is set aside; limits and generation stay",
    async (how) => {
      const directory = await prepared();
      corruptions[how]?.(join(directory, "data/switchyard.sqlite"));
      const gateway = await startGateway(limited("m", 99), { directory });
      expect(await labelOf(gateway.url)).toMatch(/^2-/);
      expect(await usedOf(gateway.url, "rpd")).toBe(4);
      expect((await metricsOf(gateway.url)).totals.requests).toBe(1);
      expect(asideOf(directory, "switchyard.sqlite").length).toBeGreaterThan(0);
      expect(asideOf(directory, "state.sqlite")).toHaveLength(0);
      await gateway.stop();
    },
  );
});

/** A file in the place of a directory: nobody can make the directory again. Its writers may be quicker at first. */
const replaceByFile = (path: string) =>
  until(() => {
    rmSync(path, { recursive: true, force: true });
    try {
      writeFileSync(path, "", { flag: "wx" });
      return true;
    } catch {
      return false;
    }
  }, `a file at ${path}`);

describe("losing directories while running", () => {
  test("costs no request, and what could not be written is written when they are back", async () => {
    const directory = here();
    const gateway = await startGateway(limited("m", 10_000), { directory });
    await askOften(gateway.url, 10);
    await until(() => readdirSync(directory).includes("logs"), "logs written");
    for (const name of ["data", "logs"]) await replaceByFile(join(directory, name));
    const statuses = (await askOften(gateway.url, 50)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await gateway.write(limited("m", 9_999));
    expect(await labelOf(gateway.url)).toMatch(/^2-/);
    expect((await healthOf(gateway.url)).degraded).toContain("not persisted");

    for (const name of ["data", "logs"]) rmSync(join(directory, name));
    await askOften(gateway.url, 5);
    await until(async () => (await healthOf(gateway.url)).degraded === null, "persisted again");
    await gateway.stop();
    const again = await startGateway(limited("m", 9_999), { directory });
    expect(await labelOf(again.url)).toMatch(/^2-/);
    expect((await metricsOf(again.url)).totals.requests).toBeGreaterThan(56);
    await again.stop();
  });

  test("is noticed when only the files are gone, and the generation written down anew", async () => {
    const directory = here();
    const gateway = await startGateway(limited(), { directory });
    await gateway.write(limited("m", 50));
    rmSync(join(directory, "data"), { recursive: true });
    await askOften(gateway.url, 3);
    await gateway.stop();
    const again = await startGateway(limited("m", 50), { directory });
    expect(await labelOf(again.url)).toMatch(/^2-/);
    expect(await usedOf(again.url, "rpd")).toBe(4);
    await again.stop();
  });
});

test("a second process on the same DATA_DIR is refused", async () => {
  const directory = here(limited());
  mkdirSync(join(directory, "data"));
  await child(directory);
  const second = await startChild(directory);
  expect("code" in second && [second.code, second.errors.includes("DATA_DIR")]).toEqual([64, true]);
});
