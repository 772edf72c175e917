import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkConfig } from "../../scripts/check_config.ts";
import { trace } from "../../src/cli/trace.ts";
import { keptShell } from "../cli/shell.ts";
import { recordTraffic, snapshotOf } from "../simulate/replay/traffic.ts";
import { effectiveCommands } from "./github.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-check-"));
const repository = join(scratch, "repository");
const program = join(import.meta.dir, "../../scripts/check_config.ts");
const home = process.cwd();
const PATH = process.env["PATH"] ?? "";

const routes = `version: 1
auth: { keys: [{ id: web, secret: env:WEB_KEY, limits: { rpm: 60 } }] }
providers:
  a: { kind: openai, base_url: http://a.test/v1, models: { "*": { price: { input: 1, output: 2 } } } }
  b: { kind: openai, base_url: http://b.test/v1, models: { "*": { price: { input: 3, output: 4 } } } }
models: { m: { targets: [a/x, b/x] } }
gates: { replay: { since: 2h, max_newly_refused: 1% } }
`;
const tests = `version: 1
tests:
  - { name: a answers, send: { model: m, key: web }, expect: { provider: a } }
  - { name: b helps out, given: { providers: { a: [auth] } }, send: { model: m, key: web }, expect: { provider: b } }
  - { name: its limit, send: { model: m, key: web, repeat: 61 }, expect: { refused: { count: 1, limit: rpm } } }
`;
const looser = {
  "routes.yaml": routes.replace("rpm: 60", "rpm: 70"),
  "routes.test.yaml": tests.replace("repeat: 61", "repeat: 71"),
};
const tighter = {
  "routes.yaml": routes.replace("rpm: 60", "rpm: 6"),
  "routes.test.yaml": tests.replace("repeat: 61", "repeat: 7"),
};

function git(...args: readonly string[]): void {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false"];
  const ran = Bun.spawnSync(["git", ...identity, ...args], { cwd: repository });
  if (ran.exitCode !== 0) throw new Error(ran.stderr.toString());
}

/** A commit on a branch of its own, as a pull request has it. */
function pullRequest(files: Readonly<Record<string, string>>, from = "main"): void {
  git("checkout", "-q", "-f", "-B", "change", from);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
  git("add", "--all", "--", ":!config-check");
  git("commit", "-q", "--allow-empty", "-m", "change");
}

/** As the workflow runs it, in this process. */
async function check(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const summary = join(scratch, "summary.md");
  rmSync(summary, { force: true });
  const kept = keptShell({ env: { PATH, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary, ...env } });
  const code = await checkConfig(args, kept.shell);
  const artifact = (name: string) => readFileSync(join("config-check", name), "utf8");
  return {
    code,
    log: kept.out(),
    err: kept.err(),
    annotations: effectiveCommands(kept.out()).filter((line) => /^::(error|warning)/.test(line)),
    outcomes: existsSync("config-check/check.json") ? outcomesIn(artifact("check.json")) : "",
    summary: existsSync(summary) ? readFileSync(summary, "utf8") : "",
    artifact,
  };
}

const outcomesIn = (json: string): string =>
  JSON.parse(json)
    .steps.map(({ name, outcome }: { name: string; outcome: string }) => `${name} ${outcome}`)
    .join(", ");

beforeAll(async () => {
  mkdirSync(repository);
  git("init", "-q", "-b", "main");
  writeFileSync(join(repository, "README.md"), "no configuration yet\n");
  git("add", ".");
  git("commit", "-q", "-m", "nothing");
  git("tag", "empty");
  writeFileSync(join(repository, "routes.yaml"), routes);
  writeFileSync(join(repository, "routes.test.yaml"), tests);
  git("add", ".");
  git("commit", "-q", "-m", "base");
  const db = join(scratch, "switchyard.sqlite");
  await recordTraffic(db, snapshotOf(routes), { requests: 300, everyMs: 2_000, model: "m" });
  const kept = keptShell();
  await trace(["export", "--db", db], kept.shell);
  writeFileSync(join(scratch, "trace.jsonl"), kept.out());
  process.chdir(repository);
});
beforeEach(() => rmSync(join(repository, "config-check"), { recursive: true, force: true }));
afterAll(() => {
  process.chdir(home);
  rmSync(scratch, { recursive: true, force: true });
});

const traced = ["--trace", "../trace.jsonl"];

test("a good pull request passes every step, and leaves what a reviewer wants to see", async () => {
  pullRequest(looser);
  const { code, annotations, summary, artifact, log } = await check(
    ["--base", "main", "--fail-under", "100", "--strict", ...traced],
    // Where a base is named, GitHub's own does not count.
    { GITHUB_BASE_REF: "other" },
  );
  expect({ code, annotations }).toEqual({ code: 0, annotations: [] });
  expect(JSON.parse(artifact("check.json"))).toEqual({
    config: "routes.yaml",
    base: "main",
    exit_code: 0,
    steps: [
      { name: "fmt", outcome: "ok", exit_code: 0, says: "in form" },
      { name: "validate", outcome: "ok", exit_code: 0, says: "valid" },
      { name: "test", outcome: "ok", exit_code: 0, says: "3 passed, coverage 100.0 %" },
      { name: "plan", outcome: "ok", exit_code: 0, says: "2 changes: 1 ACCESS, 1 CAPACITY" },
      { name: "replay", outcome: "ok", exit_code: 0, says: "300 requests, 0 newly refused, gate passed" },
    ],
  });
  expect(readdirSync("config-check").sort()).toEqual(
    [
      "check.json",
      "plan.json",
      "plan.md",
      "replay.json",
      "replay.md",
      "summary.md",
      "test.json",
      "validate.json",
    ].sort(),
  );
  expect(JSON.parse(artifact("plan.json"))).toMatchObject({
    has_changes: true,
    changes: [{ class: "CAPACITY", from: 60, to: 70 }, { class: "ACCESS" }],
  });
  expect(summary).toBe(`${artifact("summary.md")}\n`);
  expect(summary).toStartWith("## <code>routes.yaml</code>: ✓");
  expect(summary).toContain("| ✓ | test | <code>3 passed, coverage 100.0 &#37;</code> |");
  expect(summary).toContain("### Plan: 2 changes: 1 ACCESS, 1 CAPACITY");
  expect(summary).toContain("Replayed 300 requests");
  expect(log).toContain("::group::$ switchyard validate routes.yaml --format github --strict --out");
});

const lonely = {
  "routes.yaml": routes.replace("models: { m", "models: { lone: { targets: [a/y] }, m"),
  "routes.test.yaml": `${tests}  - { name: alone, send: { model: lone, key: web }, expect: { provider: a } }\n`,
};

describe("a bad pull request", () => {
  test.each<
    readonly [string, Readonly<Record<string, string>>, readonly string[], number, string, RegExp | null]
  >([
    [
      "that is no YAML",
      { "routes.yaml": routes.replace("models: { m", "models: [ m") },
      [],
      1,
      "fmt failed, validate failed, test skipped, plan skipped, replay skipped",
      /^::error file=routes.yaml,line=6,.*title=yaml_syntax::/,
    ],
    [
      "with a name that is not there",
      { "routes.yaml": routes.replace("a/x", "c/x") },
      [],
      1,
      "fmt ok, validate failed, test skipped, plan skipped, replay skipped",
      /^::error file=routes.yaml,line=6,endLine=6,col=26,endColumn=29,title=unknown_provider::/,
    ],
    [
      "that is not in form",
      { "routes.yaml": routes.replace("kind: openai", 'kind:   "openai"') },
      [],
      1,
      "fmt failed, validate ok, test ok, plan ok, replay ok",
      /^::error title=fmt::not in form/,
    ],
    [
      "whose tests fail",
      { "routes.yaml": routes.replace("[a/x, b/x]", "[b/x, a/x]") },
      [],
      1,
      "fmt ok, validate ok, test failed, plan ok, replay ok",
      /^::error file=routes.test.yaml,line=3,.*title=test_failed::/,
    ],
    [
      "with a model that no test asserts on",
      { "routes.yaml": lonely["routes.yaml"] },
      ["--fail-under", "90"],
      1,
      "fmt ok, validate ok, test failed, plan ok, replay ok",
      /^::error file=routes.yaml,line=6,.*No test asserts on target a\/y of lone/,
    ],
    [
      "that would have refused too much of yesterday's traffic",
      tighter,
      [],
      1,
      "fmt ok, validate ok, test ok, plan ok, replay failed",
      /^::error title=replay::300 requests, \d+ newly refused, gate failed$/,
    ],
    [
      "that moves the gate out of its way",
      { ...tighter, "routes.yaml": tighter["routes.yaml"].replace("1%", "100%") },
      [],
      1,
      "fmt ok, validate ok, test ok, plan ok, replay failed",
      /^::error title=replay::/,
    ],
    [
      "with warnings",
      lonely,
      [],
      0,
      "fmt ok, validate ok, test ok, plan ok, replay ok",
      /^::warning file=routes.yaml,line=6,.*single_target/,
    ],
    [
      "with warnings, strictly",
      lonely,
      ["--strict"],
      3,
      "fmt ok, validate failed, test ok, plan ok, replay ok",
      null,
    ],
    [
      "with warnings and a failing test, strictly",
      {
        ...lonely,
        "routes.test.yaml": `${tests}  - { name: alone, send: { model: lone, key: web }, expect: { attempts: 2 } }\n`,
      },
      ["--strict"],
      3,
      "fmt ok, validate failed, test failed, plan ok, replay ok",
      null,
    ],
  ])("%s", async (_, files, args, expected, steps, annotation) => {
    pullRequest(files);
    const { code, outcomes, annotations, summary, artifact } = await check([
      "--base",
      "main",
      ...traced,
      ...args,
    ]);
    expect({ code, outcomes }).toEqual({ code: expected, outcomes: steps });
    if (annotation !== null) expect(annotations.filter((line) => annotation.test(line))).toHaveLength(1);
    expect(JSON.parse(artifact("check.json")).exit_code).toBe(expected);
    expect(summary).toStartWith(`## <code>routes.yaml</code>: ${expected === 0 ? "✓" : "✗"}`);
  });

  test("has no say in the log: what it quotes is no command to GitHub", async () => {
    pullRequest({
      "routes.test.yaml": `${tests}  - name: |-\n      first\n      ::error::owned\n    send:   { model: m }\n`,
    });
    const { log } = await check(["--base", "main"]);
    expect(log).toMatch(/\n\s*::error::owned\n/);
    expect(effectiveCommands(log).filter((line) => line.startsWith("::error::"))).toEqual([]);
  });
});

describe("what there is nothing to say about is skipped, and says why", () => {
  test.each<
    readonly [string, string, Readonly<Record<string, string>>, readonly string[], readonly string[]]
  >([
    ["no base", "main", {}, [], ["plan skipped", "there is no base"]],
    [
      "a file that is new",
      "empty",
      { "routes.yaml": routes },
      ["--base", "empty"],
      ["plan skipped", "the file is new"],
    ],
    ["no tests", "empty", { "routes.yaml": routes }, [], ["test skipped", "there is no routes.test.yaml"]],
    ["no trace", "main", {}, ["--base", "main", "--trace="], ["replay skipped", "there is no trace"]],
    [
      "a trace that is not there",
      "main",
      {},
      ["--base", "main", "--trace", "none.jsonl"],
      ["replay skipped", "no trace at none.jsonl"],
    ],
  ])("%s", async (_, from, files, args, [outcome = "", why = ""]) => {
    pullRequest(files, from);
    const { code, outcomes, log } = await check(args);
    expect(code).toBe(0);
    expect(outcomes).toContain(outcome);
    expect(log).toContain(why);
  });

  test("a base that is not valid itself does not stand in the way of what repairs it", async () => {
    pullRequest({ "routes.yaml": "version: 1\nmodles: {}\n" });
    git("branch", "-f", "broken");
    pullRequest({ "routes.yaml": routes }, "broken");
    expect(await check(["--base", "broken"])).toMatchObject({
      code: 0,
      outcomes: "fmt ok, validate ok, test ok, plan skipped, replay skipped",
    });
  });
});

describe("what cannot be done is no pass", () => {
  test.each<readonly [string, readonly string[], string]>([
    ["a base that was not fetched", ["--base", "origin/main"], "fetch it first"],
    ["a base that is no commit", ["--base", "--all"], "is no name of a commit"],
    ["a floor that is none", ["--fail-under", "most"], "it has to be a percentage"],
    ["a file that is not there", ["none.yaml"], "There is no file"],
    ["an unknown flag", ["--loud"], "does not know"],
  ])("%s", async (_, args, says) => {
    pullRequest({});
    const { code, log, err } = await check(args);
    expect(code).toBe(64);
    expect(log + err).toContain(says);
  });

  test("a floor without tests", async () => {
    pullRequest({ "routes.yaml": routes }, "empty");
    expect(await check(["--fail-under", "1"])).toMatchObject({ code: 64 });
  });
});

test("reports of an earlier run do not stay, and what else is in the folder does", async () => {
  pullRequest(looser);
  await check(["--base", "main"]);
  writeFileSync("config-check/mine.txt", "kept");
  writeFileSync("routes.yaml", "version: 1\nmodles: {}\n");
  expect((await check(["--base", "main"])).code).toBe(1);
  expect(readdirSync("config-check").sort()).toEqual([
    "check.json",
    "mine.txt",
    "summary.md",
    "validate.json",
    "validate.md",
  ]);
});

test("it runs by itself, in the repository of somebody else, which has no say in how", async () => {
  pullRequest({
    "routes.yaml": routes.replace("a/x", "c/x"),
    "bunfig.toml": 'preload = ["./first.ts"]\n',
    "first.ts": "process.exit(0);\n",
    ".env": "GITHUB_STEP_SUMMARY=owned\n",
  });
  const own = [`--config=${join(import.meta.dir, "../../bunfig.toml")}`, "--no-env-file"];
  const child = Bun.spawn([process.execPath, ...own, program, "--strict", "--artifacts=out"], {
    cwd: repository,
    env: { PATH, GITHUB_BASE_REF: "main" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const log = await new Response(child.stdout).text();
  expect(await child.exited).toBe(1);
  expect(log).toContain("routes.yaml:6:26: error unknown_provider");
  expect(existsSync("owned")).toBe(false);
  expect(log).toMatch(/✗ {2}validate {2}1 error \(exit 1\)\n/);
  expect(JSON.parse(readFileSync("out/check.json", "utf8"))).toMatchObject({
    base: "origin/main",
    exit_code: 1,
  });
});
