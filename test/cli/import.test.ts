import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fmt } from "../../src/cli/fmt.ts";
import { importCommand } from "../../src/cli/import.ts";
import { validate } from "../../src/cli/validate.ts";
import { keptShell } from "./shell.ts";

const root = mkdtempSync(join(tmpdir(), "switchyard-import-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}

async function run(args: readonly string[], command = importCommand) {
  const kept = keptShell();
  return { code: await command(args, kept.shell), out: kept.out(), err: kept.err() };
}

const old = file(
  "litellm.yaml",
  `model_list:
  - model_name: chat
    litellm_params:
      model: openai/gpt-4o-mini
      api_key: canary-of-openai
      rpm: 60
  - model_name: chat
    litellm_params: { model: mistral/mistral-small-latest, api_key: os.environ/MISTRAL_KEY }
general_settings:
  master_key: canary-of-the-master
  alerting: [slack]
`,
);

test("the new file goes to standard output, and a report line by line to standard error", async () => {
  const { code, out, err } = await run([old]);
  expect(code).toBe(0);
  expect(out).toStartWith(
    "# yaml-language-server: $schema=./schemas/routes.schema.json\n# Imported from litellm.yaml",
  );
  expect(out).toContain("openai: { kind: openai, api_key: env:OPENAI_API_KEY }");
  expect(err.split("\n").map((line) => line.replace(/\s{2,}/g, "  "))).toEqual([
    "LINE  CAME OVER  WHAT  AS, OR WHY NOT",
    "2  exact  model_list[0].model_name  models.chat",
    "4  exact  model_list[0].litellm_params.model  provider openai, model gpt-4o-mini",
    "5  approximated  model_list[0].litellm_params.api_key  providers.openai.api_key as env:OPENAI_API_KEY: set OPENAI_API_KEY to the value that stands here",
    "6  approximated  model_list[0].litellm_params.rpm  limits.rpm of the target, and its weight: under simple-shuffle LiteLLM only weighs by it, here it also holds",
    "7  exact  model_list[1].model_name  models.chat",
    "8  exact  model_list[1].litellm_params.model  provider mistral, model mistral-small-latest",
    "8  exact  model_list[1].litellm_params.api_key  providers.mistral.api_key as env:MISTRAL_KEY",
    "10  exact  general_settings.master_key  auth.keys[master].secret as its SHA-256; the key itself goes on to work",
    "11  not supported  general_settings.alerting  alerts are made of the figures at /metrics",
    "",
    `${old}: 6 exact, 2 approximated, 1 not supported`,
    "",
    "Set before it can be served:",
    "VARIABLE  FOR",
    "MISTRAL_KEY  providers.mistral.api_key",
    "OPENAI_API_KEY  providers.openai.api_key  to the value that stands in line 5",
    "",
    "The new file is valid, with 2 warnings: validate shows them.",
    "",
  ]);
});

describe("with --out", () => {
  const out = join(root, "routes.yaml");

  test("the new file is written, valid and in form, and the report goes to standard output", async () => {
    const { code, out: told, err } = await run([old, "--out", out]);
    expect([code, err]).toEqual([0, ""]);
    expect(told).toContain("6 exact, 2 approximated, 1 not supported");
    expect((await run([out], validate)).code).toBe(0);
    expect((await run([out, "--check"], fmt)).code).toBe(0);
  });

  test("a file that is there is written over only by --force", async () => {
    writeFileSync(out, "mine\n");
    expect((await run([old, "--out", out])).code).toBe(64);
    expect(readFileSync(out, "utf8")).toBe("mine\n");
    expect((await run([old, "--out", out, "--force"])).code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain("version: 1");
  });
});

test("the report as data has counts, findings, variables and what the compiler says", async () => {
  const { code, out, err } = await run([old, "--report", "json"]);
  expect([code, out.includes("version: 1")]).toEqual([0, true]);
  expect(JSON.parse(err)).toMatchObject({
    file: old,
    from: "litellm",
    out: null,
    counts: { exact: 6, approximated: 2, not_supported: 1 },
    findings: expect.arrayContaining([
      expect.objectContaining({ verdict: "not_supported", line: 11, path: "general_settings.alerting" }),
    ]),
    variables: [
      { name: "MISTRAL_KEY", line: 8, is_literal: false },
      { name: "OPENAI_API_KEY", line: 5, is_literal: true },
    ],
    diagnostics: [{ code: "no_price" }, { code: "no_price" }],
  });
});

test("files that LiteLLM merges are merged, as far as they lie beside it", async () => {
  mkdirSync(join(root, "parts"), { recursive: true });
  file("parts/models.yaml", "model_list: [{ model_name: b, litellm_params: { model: openai/y } }]\n");
  const whole = file("whole.yaml", "include: [parts/models.yaml, ../outside.yaml, /etc/hostname]\n");
  const { code, out, err } = await run([whole]);
  expect([code, out.includes("b: { targets: [openai/y] }")]).toEqual([0, true]);
  expect(err).toMatch(/^parts\/models\.yaml:1 +exact/m);
  expect(err.match(/not supported +include\[[12]\]/g)).toHaveLength(2);
});

test("no way out shows a secret, whatever goes wrong", async () => {
  const broken = file("broken.yaml", "model_list:\n  - api_key: canary-of-a-broken-file\n   oops: [\n");
  for (const args of [
    [old],
    [old, "--report", "json"],
    [broken],
    [broken, "--report", "json"],
    [old, "--from", "models_proxy"],
  ]) {
    const { out, err } = await run(args);
    expect(out + err).not.toContain("canary");
    expect(err).not.toBe("");
  }
});

test("the report goes to a file where one is named, as JSON where its name says so", async () => {
  const [text, data] = [join(root, "report.txt"), join(root, "report.json")];
  for (const path of [text, data]) {
    const { code, err } = await run([old, "--report", path]);
    expect([code, err]).toEqual([0, ""]);
  }
  expect(readFileSync(text, "utf8")).toContain("6 exact, 2 approximated, 1 not supported");
  expect(JSON.parse(readFileSync(data, "utf8"))).toMatchObject({ counts: { exact: 6 } });
});

describe.each(["pretty", "json"])("what cannot be done, told as %s", (format) => {
  const colours = file("colours.yaml", "colour: red\n");
  const none = join(root, "never.yaml");
  test.each([
    ["no file", [], 64],
    ["a file that is not there", [none], 64],
    ["a directory", [root], 64],
    ["a format that there is none of", [old, "--from", "litelm"], 64],
    ["a directory to write to that is not there", [old, "--out", join(root, "no", "routes.yaml")], 64],
    ["a file of no known shape", [colours, "--out", none], 1],
    ["a file that holds nothing to import", [old, "--from", "models_proxy", "--out", none], 1],
  ])("%s", async (_, args, expected) => {
    const { code, out, err } = await run([...args, "--format", format]);
    expect([code, out, err === ""]).toEqual([expected, "", false]);
    expect(existsSync(none)).toBe(false);
  });
});

describe("what is said", () => {
  const list = file("list.yaml", "models: [{ name: a, provider: openai, api_key: env:K }]\n");

  test("of a report that there is none of", async () => {
    expect((await run([old, "--report", "xml"])).code).toBe(64);
    expect((await run([old, "--format", "report.json"])).code).toBe(64);
  });

  test("a misspelt format is guessed", async () => {
    expect((await run([old, "--from", "litelm"])).err).toContain('Did you mean "litellm"?');
  });

  test("the names of formats may have dashes", async () => {
    expect((await run([list, "--from", "models-proxy"])).code).toBe(0);
  });
});
