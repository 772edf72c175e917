import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probe } from "../../src/cli/probe.ts";
import { completion, json, startUpstream, type Upstream } from "../support/upstream.ts";
import { keptShell } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "switchyard-probe-"));
let upstream: Upstream;
let from = 0;

beforeAll(() => {
  upstream = startUpstream(({ body, headers }) => {
    const answers: Readonly<Record<string, () => Response | Promise<Response>>> = {
      s500: () => json({ error: { message: `broken for ${headers.get("authorization")}` } }, 500),
      silent: () => new Promise(() => {}),
      rude: () => json(completion("\x1b[31mred\x1b[2J\nnext line")),
      vector: () => json({ object: "list", model: "e", data: [{ index: 0, embedding: [1, 2, 3] }] }),
    };
    return answers[String(body["model"])]?.();
  });
});
afterAll(async () => {
  await upstream.stop();
  rmSync(scratch, { recursive: true, force: true });
});
beforeEach(() => {
  from = upstream.requests.length;
});

const asked = () => upstream.requests.slice(from).map(({ body }) => body["model"]);

let files = 0;
/** A file with these models, and providers to send them to. */
const file = (models: string, rest = ""): string => {
  const path = join(scratch, `${files++}.yaml`);
  writeFileSync(
    path,
    `version: 1
providers:
  up: { kind: openai, base_url: "${upstream.url}", api_key: env:UP }
  away: { kind: openai, api_key: env:AWAY, optional: true }
  needed: { kind: openai, api_key: env:NEEDED }
  off: { kind: openai, enabled: false }
models:
${models}
${rest}`,
  );
  return path;
};

const run = async (args: readonly string[], { terminal = false, config = "" } = {}) => {
  const kept = keptShell({ env: { UP: "sk-of-the-provider" }, terminal });
  const code = await probe([...args, ...(config === "" ? [] : ["--config", config])], kept.shell);
  return { code, out: kept.out(), err: kept.err() };
};
const inTable = (text: string) => text.replace(/\d+ ms/g, "N ms").replace(/ +/g, " ");

describe("without a model", () => {
  test("asks each endpoint of the visible models once, and shows how all of them did", async () => {
    const config = file(
      `  chat: { targets: [up/a, up/b] }
  again: { targets: [up/b, away/c] }
  off: { targets: [off/d] }
  hidden: { targets: [up/e], visible: false }
  switched: { targets: [up/f], enabled: false }
  "up/*": { targets: ["up/*"] }`,
      "aliases: { other: chat }",
    );
    const { code, out, err } = await run([], { config });
    expect(asked().sort()).toEqual(["a", "b"]);
    expect(inTable(out)).toBe(`\
MODEL TARGET RESULT TIME DETAIL
chat up/a ok N ms Hello there.
 up/b ok N ms Hello there.
again up/b ok N ms Hello there.
 away/c skipped env:AWAY is not set
off off/d skipped provider off is disabled in the file

2 of 3 models answered, 1 skipped
`);
    expect(code).toBe(0);
    const told = err.trimEnd().split("\n");
    expect(told).toHaveLength(4);
    expect(
      told
        .map((line) => inTable(line))
        .sort()
        .at(-1),
    ).toMatch(/^4\/4 up\/[ab] ok N ms$/);
  });

  test.each([
    ["every model has a target that answers", "  m: { targets: [up/s500, up/fine] }", 0],
    ["a model has none", "  m: { targets: [up/s500] }\n  n: { targets: [up/fine] }", 1],
    ["a model waits for an optional key", "  m: { targets: [away/x] }", 0],
    ["a model waits for a key that must be there", "  m: { targets: [needed/x] }", 1],
    ["one target is off and the other broken", "  m: { targets: [off/x, up/s500] }", 1],
    ["all is hidden", "  m: { targets: [up/s500], visible: false }", 0],
  ])("when %s", async (_, models, code) => {
    expect((await run([], { config: file(models) })).code).toBe(code);
  });
});

describe("a model", () => {
  const two = () =>
    file(
      '  chat: { targets: [up/a, up/b] }\n  small: { targets: [up/c] }\n  spare: { targets: [up/d], visible: false }\n  later: { targets: [away/e] }\n  "up/*": { targets: ["up/*"] }',
      "aliases: { other: chat }\nauto: { models: [small, chat] }",
    );

  test.each([
    ["chat", ["a", "b"]],
    ["other", ["a", "b"]],
    ["spare", ["d"]],
    ["up/x", ["x"]],
    ["auto", ["a", "b", "c"]],
  ])("%s is asked by its own targets", async (model, upstreams) => {
    expect((await run([model], { config: two() })).code).toBe(0);
    expect(asked().sort()).toEqual(upstreams);
  });

  test("that waits for its key does not answer, and whoever names it is told so", async () => {
    const { code, out } = await run(["later"], { config: two() });
    expect([code, out]).toEqual([1, expect.stringContaining("0 of 1 model answered, 1 skipped")]);
  });

  test("that there is none of is a wrong word, with what was meant", async () => {
    const { code, out, err } = await run(["smal"], { config: two() });
    expect([code, out, err]).toEqual([64, "", 'The file has no model "smal". Did you mean "small"?\n']);
  });

  test("is asked what and where the words say", async () => {
    await run(["chat", "--message", "Are you there?"], { config: two() });
    expect(upstream.requests.at(-1)?.body["messages"]).toEqual([{ role: "user", content: "Are you there?" }]);
    const { out } = await run(["up/vector", "--endpoint", "embeddings"], { config: two() });
    expect(out).toContain("a vector of 3 numbers");
  });
});

test("a silent target is left after --timeout", async () => {
  const startedAt = performance.now();
  const { code, out } = await run(["--timeout", "60ms"], { config: file("  m: { targets: [up/silent] }") });
  expect(performance.now() - startedAt).toBeWithin(55, 1_000);
  expect([code, out]).toEqual([1, expect.stringMatching(/up\/silent +failed +\d+ ms +timeout: /)]);
});

test("a failure shows its kind and the provider's words, and no secret", async () => {
  const { out, err } = await run(["m"], { config: file("  m: { targets: [up/s500] }") });
  expect(out).toMatch(/up\/s500 +failed +\d+ ms +server 500: broken for Bearer /);
  expect(out + err).not.toContain("sk-of");
});

test("no answer steers the terminal", async () => {
  const { out } = await run(["m"], { config: file("  m: { targets: [up/rude] }") });
  expect(out).toContain("[31mred[2J next line");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
  expect(out).not.toMatch(/\x1b/);
});

test("as JSON", async () => {
  const config = file("  m: { targets: [up/a, up/s500] }\n  n: { targets: [away/x] }");
  const { code, out } = await run(["--json"], { config });
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    {
      ok: true,
      models: [
        {
          model: "m",
          verdict: "ok",
          targets: [
            { provider: "up", model: "a", verdict: "ok", ok: true, error: null, reply: "Hello there." },
            { provider: "up", model: "s500", verdict: "failed", error: { kind: "server", status: 500 } },
          ],
        },
        {
          model: "n",
          verdict: "skipped",
          targets: [{ verdict: "skipped", latency_ms: null, error: { kind: "not_configured" } }],
        },
      ],
    },
  ]);
});

test("on a terminal one line tells how far it is, and is gone at the end", async () => {
  const { out, err } = await run([], { terminal: true, config: file("  m: { targets: [up/a, up/b] }") });
  expect(err).toContain("\r\x1b[2K\x1b[2m1 of 2 targets");
  expect(err).toEndWith("2 of 2 targets\x1b[22m\r\x1b[2K");
  expect(out).toContain("\x1b[32mok\x1b[39m");
});

test.each([
  ["a flag that there is none of", ["--loud"], /^probe does not know "--loud"/],
  ["two models", ["a", "b"], /^probe takes at most 1 word, and "b" is one too many/],
  ["a time without unit", ["--timeout", "30"], /^--timeout has to be a time/],
  ["an endpoint that is none", ["--endpoint", "audio"], /^--endpoint has to be/],
  ["an empty message", ["--message="], /^--message is empty/],
  ["a file that is not there", ["--config", "none.yaml"], /^There is no file/],
])("%s is a wrong word, and exit 64", async (_, args, says) => {
  const { code, out, err } = await run(args);
  expect([code, out]).toEqual([64, ""]);
  expect(err).toMatch(says);
});

test("--help tells what there is", async () => {
  const { code, out } = await run(["--help"]);
  expect([code, out]).toEqual([0, expect.stringMatching(/^probe \[MODEL\]\n\nAsks .*--timeout TIME/s)]);
});
