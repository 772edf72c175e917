import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay } from "../../src/cli/replay.ts";
import { trace } from "../../src/cli/trace.ts";
import { recordTraffic, snapshotOf } from "../simulate/replay/traffic.ts";
import { chat, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-replay-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const db = join(scratch, "switchyard.sqlite");

const yaml = (rpm: number, gate = "1%") => `version: 1
auth: { keys: [{ id: a, secret: env:A, limits: { rpm: ${rpm} } }] }
providers: { p: { kind: openai, base_url: "http://127.0.0.1:1", models: { "*": { price: { input: 1, output: 2 } } } } }
models: { m: { targets: [p/x] } }
gates: { replay: { since: 2h, max_newly_refused: ${gate} } }
`;
const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};
const [base, lax, head, broken] = [
  file("base.yaml", yaml(1_000)),
  file("lax.yaml", yaml(1_000, "90%")),
  file("head.yaml", yaml(100)),
  file("broken.yaml", "version: 1\nmodles: {}\n"),
];
beforeAll(() => recordTraffic(db, snapshotOf(yaml(1_000)), { requests: 600, everyMs: 300 }));

const call = async (command: typeof replay, args: readonly string[], env: Record<string, string> = {}) => {
  const kept = keptShell({ env });
  const code = await command(args, kept.shell);
  return { code, out: kept.out(), err: kept.err() };
};

describe("replay", () => {
  test("tells what a change would have done, in figures", async () => {
    const { code, out } = await call(replay, [head, "--base", base, "--db", db, "--format", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      requests: 600,
      provider_changed: 0,
      newly_refused: expect.any(Number),
      newly_accepted: 0,
      attempts: { base: 600 },
      cost: { base: expect.any(Number) },
      unknown: 0,
      fidelity: 1,
      gate: null,
    });
    expect(JSON.parse(out).newly_refused).toBeGreaterThan(200);
  });

  test("shows them as tables, for people and for a pull request", async () => {
    const pretty = await call(replay, [head, "--base", base, "--db", db]);
    expect(pretty.out).toMatch(/^Replayed 600 requests, .* fidelity 100 %\./);
    expect(pretty.out).toMatch(
      /newly refused by\s+key\s+requests\s+when\nkey a rpm .*head\.yaml:2:\d+\s+a\s+\d+/,
    );
    const markdown = await call(replay, [head, "--base", base, "--db", db, "--format", "markdown"]);
    expect(markdown.out).toContain("| newly refused |");
  });

  test.each([
    [base, head, ["--gate"], 1, "The gate is not passed: newly refused"],
    [base, base, ["--gate"], 0, "The gate is passed."],
    [lax, head, ["--gate"], 0, "The gate is passed."],
    [base, head, [], 0, "Replayed"],
  ])("from %s to %s with %j ends with %d", async (from, to, flags, code, says) => {
    const ran = await call(replay, [to, "--base", from, "--db", db, ...flags]);
    expect(ran.code).toBe(code);
    expect(ran.out).toContain(says);
  });

  test.each([
    [["nothing.yaml", "--base", base, "--db", db], 64, "There is no file"],
    [[head, "--base", base, "--db", "nothing.sqlite"], 64, "There is no file"],
    [[head, "--db", db], 64, "has no generation to compare with"],
    [[broken, "--base", base, "--db", db], 1, "modles"],
    [[head, "--base", base, "--trace", head], 64, "is no trace"],
    [[head, "--base", base, "--db", db, "--since", "soon"], 64, "--since"],
    [[head, "--base", base, "--db", db, "--format", "xml"], 64, "no format"],
    [["--what"], 64, "does not know"],
  ])("%j ends with %d", async (args, code, says) => {
    const ran = await call(replay, args, { DATA_DIR: join(scratch, "none") });
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(says);
  });
});

test("the base may be a commit, as CI has it", async () => {
  const folder = join(scratch, "repository");
  const git = (...args: readonly string[]) =>
    Bun.spawnSync(["git", "-c", "user.name=a", "-c", "user.email=a@b.test", ...args], { cwd: folder });
  mkdirSync(folder);
  writeFileSync(join(folder, "routes.yaml"), yaml(1_000));
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "."],
    ["commit", "-q", "-m", "base"],
  ])
    git(...args);
  writeFileSync(join(folder, "routes.yaml"), yaml(100, "99%"));
  const PATH = process.env["PATH"] ?? "";
  const args = [join(folder, "routes.yaml"), "--db", db, "--gate"];
  const ran = await call(replay, [...args, "--base", "git:main", "--out", join(folder, "replay.json")], {
    PATH,
  });
  // It is the base that says what a change may do.
  expect([ran.code, ran.err]).toEqual([1, ""]);
  expect(await Bun.file(join(folder, "replay.json")).json()).toMatchObject({
    requests: 600,
    gate: { kind: "failed" },
  });
  expect(await call(replay, [...args, "--base", "git:other"], { PATH })).toMatchObject({ code: 64, out: "" });
});

test("what a real gateway recorded is compared with what it serves, and a trace of it says the same", async () => {
  const text = `providers: { p: { kind: simulated, models: { "*": { price: free } }, limits: { rpm: 15 } } }
models: { m: { targets: [p/x] } }
`;
  const gateway = await startGateway(text);
  for (let index = 0; index < 20; index++) await gateway.post("/v1/chat/completions", chat("m"));
  const dataDir = join(gateway.directory, "data");
  const tighter = file("tighter.yaml", `version: 1\n${text.replace("rpm: 15", "rpm: 5")}`);
  await gateway.server.stop(0);
  const ran = await call(replay, [tighter, "--format", "json"], { DATA_DIR: dataDir });
  expect(JSON.parse(ran.out)).toMatchObject({ requests: 20, newly_refused: 10, fidelity: 1 });

  const exported = await call(trace, ["export"], { DATA_DIR: dataDir });
  const path = file("trace.jsonl", exported.out);
  const again = await call(replay, [tighter, "--trace", path, "--format", "json"], { DATA_DIR: dataDir });
  expect(JSON.parse(again.out)).toMatchObject({ requests: 20, newly_refused: 10, fidelity: 1 });
  await gateway.stop();
});

test.each([
  [["export", "--db", "nothing.sqlite"], "There is no file"],
  [["import"], "one verb"],
])("trace %j is wrong words", async (args, says) => {
  const ran = await call(trace, args);
  expect(ran.code).toBe(64);
  expect(ran.err).toContain(says);
});
