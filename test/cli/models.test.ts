import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { models } from "../../src/cli/models.ts";
import { keptShell } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-models-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const file = (name: string, yaml: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, `version: 1\n${yaml}`);
  return path;
};

const all = file(
  "all.yaml",
  `
providers:
  demo: { kind: simulated, models: { "*": { price: free, context: 128k } } }
  pool: { kind: openai, api_key: [env:ONE, env:TWO], optional: true, models: { "gpt-*": { price: { input: 2.5, output: 10 }, context: 1M } } }
  off: { kind: openai, enabled: false, models: { "*": { price: { input: 0.075, output: 0.3 }, context: 8191 } } }
  login: { kind: request, base_url: "https://llm.example.com", login: { url: "https://llm.example.com/login", body: { user: env:USER_NAME, pass: env:PASS_WORD } }, optional: true }
models:
  chat:
    strategy: headroom
    targets: [pool/gpt-4o, demo/demo]
    fallbacks: { any: [small], context_window: [long] }
  small: { targets: [demo/small, off/x, { provider: demo, model: y, enabled: false }] }
  long: { targets: [login/long], visible: false }
  going: { targets: [demo/z], deprecated: { use: small, after: 2099-12-31 } }
  switched: { targets: [demo/w], enabled: false }
  "pool/*": { targets: ["pool/*"] }
aliases: { gpt-4o: chat, gpt-3: { to: small, deprecated: { after: 2099-12-31 } } }
auto: { models: [small, chat], strategy: cost }
default_model: small
`,
);

const list = async (args: readonly string[], env: Record<string, string> = {}, terminal = false) => {
  const kept = keptShell({ env, terminal });
  const code = await models(args, kept.shell);
  return { code, out: kept.out(), err: kept.err() };
};

test("shows every name, where its requests go, at what price, and what is missing", async () => {
  const { code, out, err } = await list(["--config", all]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe(`\
MODEL     STRATEGY  TARGET                                   IN     OUT    CONTEXT  STATE
chat      headroom  pool/gpt-4o                              2.50   10.00  1M       needs env:ONE or env:TWO
                    demo/demo                                free   free   128k     ready
                    then small, long
small     priority  demo/small                               free   free   128k     ready
                    off/x                                    0.075  0.30   8191     provider off is disabled in the file
                    demo/y                                   free   free   128k     the target is disabled in the file
long      priority  login/long                                                      needs env:USER_NAME and env:PASS_WORD
                    hidden: for fallbacks only
going     priority  demo/z                                   free   free   128k     ready
                    deprecated, until 2099-12-31; use small
switched  priority  demo/w                                   free   free   128k     ready
                    off
pool/*    priority  pool/*                                                          needs env:ONE or env:TWO

ALIAS   STANDS FOR
gpt-4o  chat
gpt-3   small (deprecated, until 2099-12-31)
auto    small, chat: the best by cost

Prices are USD per million tokens. A request that names no model goes to small.
`);
});

test("one key of a pool is enough, and no value of it is shown", async () => {
  const { out } = await list(["--config", all], { TWO: "sk-the-secret" });
  expect(out).toMatch(/pool\/gpt-4o +2\.50 +10\.00 +1M +ready/);
  expect(out + (await list(["--config", all, "--json"], { TWO: "sk-the-secret" })).out).not.toContain(
    "sk-the",
  );
});

test("as JSON", async () => {
  const { code, out } = await list(["--json", `--config=${all}`]);
  const { models: listed, ...rest } = JSON.parse(out);
  expect(code).toBe(0);
  expect(listed.map(({ name }: { name: string }) => name)).toEqual([
    ...["chat", "small", "long", "going", "switched", "pool/*"],
  ]);
  expect(listed[0]).toEqual({
    name: "chat",
    strategy: "headroom",
    enabled: true,
    visible: true,
    deprecated: null,
    fallbacks: ["small", "long"],
    targets: [
      {
        ...{ provider: "pool", kind: "openai", model: "gpt-4o", ready: false },
        ...{ reason: "needs env:ONE or env:TWO", missing: ["env:ONE", "env:TWO"] },
        price: { input: 2.5, output: 10, cached_input: null, cache_write: null, request: null },
        context: 1_000_000,
      },
      {
        ...{ provider: "demo", kind: "simulated", model: "demo", ready: true, reason: null, missing: [] },
        price: { input: 0, output: 0, cached_input: null, cache_write: null, request: null },
        context: 128_000,
      },
    ],
  });
  expect(rest).toEqual({
    aliases: [
      { name: "gpt-4o", to: "chat", deprecated: null },
      { name: "gpt-3", to: "small", deprecated: { use: null, after: "2100-01-01T00:00:00.000Z" } },
    ],
    auto: { models: ["small", "chat"], strategy: "cost" },
    default_model: "small",
  });
});

test("columns stand as they do without colours", async () => {
  const { out } = await list(["--config", all], {}, true);
  expect(out).toContain("\x1b[32mready\x1b[39m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours.
  expect(out.replace(/\x1b\[\d+m/g, "")).toBe((await list(["--config", all])).out);
});

test("the file that ships is listed without any key", async () => {
  const { code, out } = await list(["--config", join(import.meta.dir, "../../routes.yaml")]);
  expect(code).toBe(0);
  expect(out).toMatch(/^demo .* ready$/m);
  expect(out).toMatch(/openai\/gpt-4o .* needs env:OPENAI_API_KEY$/m);
});

describe("the file", () => {
  test("is the setting's, where no flag names one", async () => {
    expect((await list([], { CONFIG: all })).out).toContain("A request that names no model goes to small.");
  });

  test("may have variables unset: that is what one wants to see", async () => {
    const unset = file(
      "unset.yaml",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a word of routes.yaml.
      'providers: { a: { kind: openai, api_key: env:NOT_SET, headers: { x: "${ALSO_NOT}" } } }\nmodels: { m: { targets: [a/b] } }\n',
    );
    const { code, out } = await list(["--config", unset]);
    expect([code, out]).toEqual([0, expect.stringContaining("needs env:NOT_SET")]);
  });

  test("that is wrong is told as validate tells it, and exit 1", async () => {
    const bad = file("bad.yaml", "providers: { a: { kind: openai } }\nmodels: { m: { targets: [b/x] } }\n");
    const { code, out, err } = await list(["--config", bad]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("error unknown_provider");
  });
});

test.each([
  ["a flag that there is none of", ["--loud"], /^models does not know "--loud"\.\nmodels \[--json\]/],
  ["a value for a flag that takes none", ["--json=yes"], /^models does not know "--json"/],
  ["a word", ["chat"], /^models takes no words, and "chat" is one too many/],
  ["an option without its value", ["--config"], /^--config needs a value/],
  ["a file that is not there", ["--config", "none.yaml"], /^There is no file "none\.yaml"/],
  ["a directory", ["--config", scratch], /^There is no file/],
])("%s is a wrong word, and exit 64", async (_, args, says) => {
  const { code, out, err } = await list(args);
  expect([code, out]).toEqual([64, ""]);
  expect(err).toMatch(says);
});

test.each(["--help", "-h"])("%s tells what there is", async (flag) => {
  const { code, out } = await list([flag]);
  expect(code).toBe(0);
  expect(out).toMatch(/^models\n\nLists .*\n\n {2}--json {13}as JSON\n {2}--config FILE/);
});
