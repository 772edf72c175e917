import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { plan } from "../../src/cli/plan.ts";
import { migrate } from "../../src/metrics/migrations.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-plan-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const yaml = `version: 1
providers:
  a: { kind: openai, api_key: env:A_KEY, limits: { rpm: 600 }, models: { "*": { price: { input: 1, output: 2 } } } }
  b: { kind: openai, models: { "*": { price: { input: 3, output: 4 } } } }
models:
  chat: { targets: [a/x, b/x] }
  small: { targets: [a/y] }
aliases: { gpt-4: chat }
`;
const changed = yaml
  .replace("env:A_KEY", "env:OTHER_KEY")
  .replace("rpm: 600", "rpm: 300")
  .replace("[a/x, b/x]", "[b/x, a/x]")
  .replace("aliases: { gpt-4: chat }", "aliases: { gpt-5: chat }");

const run = async (args: readonly string[], env: Record<string, string> = {}, terminal = false) => {
  const kept = keptShell({ env: { PATH: process.env["PATH"] ?? "", ...env }, terminal });
  const code = await plan(args, kept.shell);
  return { code, out: kept.out(), err: kept.err() };
};

const [base, head, broken] = [
  write("base.yaml", yaml),
  write("head.yaml", changed),
  write("broken.yaml", `${yaml}modles: {}\n`),
];

describe.each(["pretty", "json", "markdown"])("as %s", (format) => {
  test.each([
    ["no change", [base, base], 0],
    ["no change, asked for in detail", [base, base, "--detailed-exitcode"], 0],
    ["changes", [base, head], 0],
    ["changes, asked for in detail", [base, head, "--detailed-exitcode"], 2],
    ["a base that does not compile", [broken, head], 1],
    ["a head that does not compile", [base, broken, "--detailed-exitcode"], 1],
    ["a file that is not there", [base, join(scratch, "none.yaml")], 64],
    ["a directory", [scratch, head], 64],
    ["no base", [], 64],
    ["three operands", [base, head, base], 64],
    ["a flag that there is not", [base, head, "--loud"], 64],
    ["a database that is not there", [base, head, "--db", join(scratch, "none.sqlite")], 64],
    ["a database that is none", [base, head, "--db", base], 69],
    ["a gateway that is not there", ["http://127.0.0.1:1", head], 69],
    ["an address with credentials", ["http://u:secret-word@127.0.0.1:1", head], 64],
    ["a directory without a repository", ["git:main", head], 64],
  ])("%s", async (_, args, code) => {
    const ran = await run([...args, "--format", format]);
    expect(ran.code).toBe(code);
    expect(ran.out + ran.err).not.toBe("");
  });
});

test("a format that there is none of is a wrong word", async () => {
  expect((await run([base, head, "--format", "xml"])).code).toBe(64);
});

test("the head is CONFIG where none is named", async () => {
  const { code, out } = await run([base, "--detailed-exitcode"], { CONFIG: head });
  expect(code).toBe(2);
  expect(out).toContain(`${base} → ${head}`);
});

test("pretty groups changes by their risk, and tells what they come to", async () => {
  const { out } = await run([base, head]);
  expect(
    out.replaceAll(`${scratch}/`, ""),
  ).toBe(`base.yaml → head.yaml   5 changes: 1 BREAKING, 1 SECRET, 1 ROUTE, 1 CAPACITY, 1 SAFE

BREAKING  a name, key or permission that clients use goes away
  - aliases.gpt-4  { to: chat }  base.yaml:8:12 (base)

SECRET  another secret is used
  ~ providers.a.api_key  env:A_KEY → env:OTHER_KEY  head.yaml:3:22

ROUTE  who answers, or how it is retried
  ~ models.chat.targets  [a/x, b/x] → [b/x, a/x]  head.yaml:6:11

CAPACITY  limits
  ~ providers.a.limits.rpm  600 → 300  head.yaml:3:56

SAFE  only adds, or observability
  + aliases.gpt-5  { to: chat }  head.yaml:8:12

Capacity
  model  limit  before  after
  small  rpm    600     300

Clients
  key        loses  gains
  everybody  gpt-4  gpt-5

Who answers
  model  before  after  while this provider is down
  chat   a/x     b/x    (none)

Price per million tokens, prompt and answer
  model  before  after
  chat   $1, $2  $3, $4
`);
});

test("markdown is the same as tables, the loud ones open", async () => {
  const { out } = await run([base, head, "--format", "markdown"]);
  const told = out.replaceAll(scratch.replaceAll("_", "&#95;"), "").replaceAll("<code>/", "<code>");
  expect(told.split("\n").slice(0, 17).join("\n")).toBe(
    `### Plan: 5 changes: 1 BREAKING, 1 SECRET, 1 ROUTE, 1 CAPACITY, 1 SAFE

<code>base.yaml</code> → <code>head.yaml</code>

<details open><summary>BREAKING: a name, key or permission that clients use goes away (1)</summary>

|  | what | before | after | where |
| --- | --- | --- | --- | --- |
| <code>-</code> | <code>aliases.gpt-4</code> | <code>&#123; to&#58; chat &#125;</code> |  | <code>base.yaml&#58;8&#58;12 (base)</code> |

</details>

<details open><summary>SECRET: another secret is used (1)</summary>

|  | what | before | after | where |
| --- | --- | --- | --- | --- |
| <code>~</code> | <code>providers.a.api&#95;key</code> | <code>env&#58;A&#95;KEY</code> | <code>env&#58;OTHER&#95;KEY</code> | <code>head.yaml&#58;3&#58;22</code> |
`
      .trimEnd()
      .replace("<code>~", "<code>&#126;"),
  );
  expect(out).toContain("<details><summary>Who answers</summary>");
});

test("json has every change with both places, and everything that it comes to", async () => {
  const { out } = await run([base, head, "--format", "json"]);
  const told = JSON.parse(out);
  expect(told).toMatchObject({
    base: { source: base, commit: null, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    head: { source: head, commit: null },
    has_changes: true,
    capacity: [
      { model: "chat", before: { rpm: null }, after: { rpm: null } },
      { model: "small", before: { rpm: 600, tpm: null }, after: { rpm: 300, tpm: null } },
    ],
    access: [{ key: null, loses: ["gpt-4"], gains: ["gpt-5"] }],
    resilience: {
      before: { chat: { "(none)": "a/x", a: "b/x", b: "a/x" } },
      changes: [{ model: "chat", outage: null }],
    },
    cost: {
      prices: [
        { model: "chat", before: { input: 1, output: 2 }, after: { input: 3, output: 4 } },
        { model: "gpt-4", before: { input: 1, output: 2 }, after: null },
        { model: "gpt-5", before: null, after: { input: 3, output: 4 } },
      ],
      traffic: null,
    },
  });
  expect(told.changes[0]).toEqual({
    path: "providers.a.api_key",
    from: "env:A_KEY",
    to: "env:OTHER_KEY",
    class: "SECRET",
    file: head,
    line: 3,
    column: 22,
    base: { file: base, line: 3, column: 22 },
    head: { file: head, line: 3, column: 22 },
  });
  expect(Object.keys(told)).toEqual([
    "base",
    "head",
    "has_changes",
    "changes",
    "capacity",
    "access",
    "resilience",
    "cost",
  ]);
  expect((await run([base, head, "--format", "json"])).out).toBe(out);
});

test("no change is told as such", async () => {
  expect((await run([base, base])).out).toBe(`${base} → ${base}   No changes: both mean the same.\n`);
  expect(JSON.parse((await run([base, base, "--format", "json"])).out)).toMatchObject({
    has_changes: false,
    changes: [],
  });
});

test("a side that does not compile is told with its mistakes", async () => {
  const { out } = await run([base, broken, "--format", "json"]);
  expect(JSON.parse(out)).toMatchObject({
    diagnostics: [{ side: "head", code: "unknown_key", file: broken, line: 9 }],
  });
  expect((await run([broken, head])).out).toContain(
    `The base does not compile.\n\n${broken}:9:1: error unknown_key`,
  );
});

test("colours are for terminals", async () => {
  expect((await run([base, head])).out).not.toContain("\x1b[");
  expect((await run([base, head], {}, true)).out).toContain("\x1b[31mBREAKING\x1b[39m");
});

test("no value of a secret is told, set or not", async () => {
  const secret = write(
    "secret.yaml",
    changed.replace(
      "kind: openai, api_key",
      "kind: openai, headers: { authorization: Bearer hidden-word }, api_key",
    ),
  );
  for (const format of ["pretty", "json", "markdown"]) {
    const { out } = await run([base, secret, "--format", format], {
      A_KEY: "first-value",
      OTHER_KEY: "second-value",
    });
    expect(out).toContain("(hidden)");
    for (const word of ["first-value", "second-value", "hidden-word"]) expect(out).not.toContain(word);
  }
});

test("names from a pull request are no markup, link or mention", async () => {
  const text = (value: string) => `version: 1
providers: { a: { kind: openai, models: { "*": { price: free } } } }
models:
  m:
    targets:
      - { provider: a, model: ${JSON.stringify(value)} }
    defaults: ${JSON.stringify({ [value]: value })}
`;
  const hostile =
    "`</code>|@octocat ![x](https://evil.example/a.png) <img src=x> #1 ~~ www.evil.example \u202e **b** end";
  const { out } = await run([
    write("good.yaml", text("x")),
    write("bad.yaml", text(hostile)),
    "--format",
    "markdown",
  ]);
  const cells = out.split("\n").filter((line) => line.startsWith("| <code>"));
  expect(cells.length).toBeGreaterThan(3);
  for (const line of cells) {
    const inside = line
      .replaceAll("<code>", "")
      .replaceAll("</code>", "")
      .replaceAll(/&#\d+;/g, "");
    expect(inside).not.toMatch(/[<>@`*_[\]!~#]|www\.|:\/\/|\p{C}/u);
    expect(inside.split("|").length).toBeLessThanOrEqual(7);
  }
});

test("a database weighs prices by the day that it has recorded", async () => {
  const db = join(scratch, "switchyard.sqlite");
  const sqlite = openSqlite(db);
  migrate(sqlite);
  const insert =
    "INSERT INTO requests (arrived_at, outcome, asked, prompt_tokens, completion_tokens) VALUES (?, ?, ?, ?, ?)";
  for (const name of ["chat", "gpt-4"]) sqlite.prepare(insert).run(1_000, "ok", name, 3_000_000, 1_000_000);
  sqlite.close();
  const json = await run([base, head, "--db", db, "--format", "json"]);
  expect(JSON.parse(json.out).cost.traffic).toMatchObject({
    models: [
      { model: "chat", requests: 1, tokens: 4_000_000, before: 5, after: 13 },
      { model: "gpt-4", before: 5, after: null },
    ],
    before: 5,
    after: 13,
    per_million: { before: 1.25, after: 3.25 },
    unpriced: 1,
  });
  const pretty = await run([base, head, "--db", db]);
  expect(pretty.out).toContain(`A day's recorded traffic at these prices
  model                  requests  before  after
  chat                   1         $5.00   $13.00
  gpt-4                  1         $5.00   unknown
  all                              $5.00   $13.00
  per million tokens               $1.25   $3.25
  without a known price  1
`);
});

describe("tests beside the file", () => {
  const withTests = (directory: string, tests: string | null): string => {
    if (tests !== null) write(`${directory}/routes.test.yaml`, tests);
    return write(`${directory}/routes.yaml`, yaml);
  };
  const cases = (...names: string[]) =>
    `version: 1\ntests:\n${names.map((name) => `  - { name: ${name}, send: { model: chat }, expect: { status: 200 } }\n`).join("")}`;

  test.each<[string, string | null, string | null, string[]]>([
    ["the same in another order and spelling", cases("one", "two"), `# more\n${cases("two", "one")}`, []],
    ["a case that goes, and one that comes", cases("one"), cases("two"), ["- tests[one]", "+ tests[two]"]],
    ["a case that is weakened", cases("one"), cases("one").replace("200", "'>=200'"), ["~ tests[one]"]],
    ["no tests any more", cases("one"), null, ["- tests[one]"]],
    ["tests that cannot be read", cases("one"), "tests: [", ["~ tests"]],
  ])("%s", async (name, before, after, expected) => {
    const files = [withTests(`${name}/before`, before), withTests(`${name}/after`, after)];
    const { out, code } = await run([...files, "--detailed-exitcode"]);
    const listed = [...out.matchAll(/^ {2}([-+~] \S+)/gm)].map(([, text]) => text ?? "");
    expect(listed).toEqual(expected);
    expect(code).toBe(expected.length === 0 ? 0 : 2);
    if (expected.length > 0) expect(out).toContain("ACCESS  who may call");
  });
});

describe("git:REF", () => {
  const repository = join(scratch, "repository");
  const routes = join(repository, "conf/routes.yaml");
  const git = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(
      ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", ...args],
      {
        cwd: repository,
        env: { PATH: process.env["PATH"] ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
      },
    );
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  beforeAll(() => {
    write("repository/conf/routes.yaml", `${yaml}include: [teams/*.yaml]\n`);
    write("repository/conf/teams/one.yaml", "aliases: { one: chat }\n");
    write("repository/conf/routes.test.yaml", "version: 1\ntests: []\n");
    git("init", "-q", "-b", "main");
    git("add", "-A");
    git("commit", "-q", "-m", "one");
    git("tag", "v1");
    write("repository/conf/routes.yaml", `${changed}include: [teams/*.yaml]\n`);
    write("repository/conf/teams/one.yaml", "aliases: { two: chat }\n");
    git("commit", "-q", "-a", "-m", "two");
    write("repository/conf/routes.yaml", `${changed}include: [teams/*.yaml]\ndefault_model: chat\n`);
  });
  const paths = (out: string) => JSON.parse(out).changes.map((change: { path: string }) => change.path);

  test("is the same file in that commit, with what it includes and its tests", async () => {
    const { code, out } = await run(["git:v1", routes, "--format", "json"]);
    expect(code).toBe(0);
    expect(paths(out)).toEqual([
      "providers.a.api_key",
      "providers.a.limits.rpm",
      "models.chat.targets",
      "aliases.gpt-4",
      "aliases.one",
      "aliases.gpt-5",
      "aliases.two",
      "default_model",
    ]);
    expect(JSON.parse(out).base).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(out).toContain(join(repository, "conf/teams/one.yaml"));
  });

  test("stands on either side, and is CONFIG on both", async () => {
    const env = { CONFIG: routes };
    expect(paths((await run(["git:HEAD~1", "git:main", "--format", "json"], env)).out)).toHaveLength(7);
    expect(paths((await run(["git:HEAD", "--format", "json"], env)).out)).toEqual(["default_model"]);
    expect(paths((await run([routes, "git:HEAD", "--format", "json"])).out)).toEqual(["default_model"]);
  });

  test.each([
    ["a ref that is none", "git:nowhere"],
    ["an option", "git:--upload-pack=touch made"],
    ["an option of rev-parse", "git:--git-dir"],
    ["a range", "git:v1..main"],
    ["a path of the commit", "git:main:conf/routes.yaml"],
    ["nothing", "git:"],
  ])("%s is no commit", async (_, ref) => {
    const { code, out, err } = await run([ref, routes]);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toMatch(/commit/);
  });

  test("a file that the commit lacks, or has as a link, is not read", async () => {
    write("repository/conf/new.yaml", yaml);
    expect(await run(["git:main", join(repository, "conf/new.yaml")])).toMatchObject({ code: 64 });
    symlinkSync("/etc/passwd", join(repository, "conf/link.yaml"));
    git("add", "conf/link.yaml");
    git("commit", "-q", "-m", "link", "conf/link.yaml");
    rmSync(join(repository, "conf/link.yaml"));
    write("repository/conf/link.yaml", yaml);
    const { code, out } = await run(["git:main", join(repository, "conf/link.yaml")]);
    expect(code).toBe(1);
    expect(out).toContain("a link");
    expect(out).not.toContain("root:");
  });

  test("hooks, aliases and programs of the repository's configuration are not run", async () => {
    const made = join(scratch, "made");
    git("config", "core.fsmonitor", `touch ${made}`);
    git("config", "alias.ls-tree", `!touch ${made}`);
    git("config", "core.pager", `touch ${made}`);
    git("config", "core.sshCommand", `touch ${made}`);
    expect((await run(["git:v1", routes])).code).toBe(0);
    expect(await Bun.file(made).exists()).toBe(false);
  });
});

describe("a running gateway", () => {
  const env = { ADMIN_KEY: "admin-key-of-a-test" };
  let gateway: Running;
  beforeAll(async () => {
    gateway = await startGateway(
      yaml.replace("api_key: env:A_KEY, ", "optional: true, api_key: env:A_KEY, "),
      { env },
    );
  });
  afterAll(() => gateway.stop());

  test("is compared by what it serves, whatever its file says", async () => {
    await gateway.write("version: 1\nmodles: {}\n");
    const { code, out } = await run([gateway.url, head, "--format", "json", "--detailed-exitcode"], env);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ base: { source: `${gateway.url} generation 1`, commit: null } });
    expect(JSON.parse(out).changes.map(({ path }: { path: string }) => path)).toContain(
      "providers.a.limits.rpm",
    );
    const { out: turned } = await run([head, `${gateway.url}/`], env);
    expect(turned).toContain(`${head} → ${gateway.url} generation 1`);
  });

  test.each([
    ["no key", {}, "set ADMIN_KEY"],
    ["a wrong key", { ADMIN_KEY: "another" }, "ADMIN_KEY is not one"],
  ])("%s is a wrong setting", async (_, settings, words) => {
    const { code, err } = await run([gateway.url, head], settings);
    expect(code).toBe(64);
    expect(err).toContain(words);
    expect(err).not.toContain("another");
  });

  test("another server is none", async () => {
    const other = Bun.serve({
      port: 0,
      fetch: (request) =>
        new URL(request.url).pathname.startsWith("/moved")
          ? Response.redirect("/admin/api/config")
          : new Response("{}"),
    });
    for (const path of ["", "/moved"])
      expect(await run([`http://127.0.0.1:${other.port}${path}`, head], env)).toMatchObject({
        code: 69,
        out: "",
      });
    await other.stop(true);
  });
});
