import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat } from "../../src/cli/chat.ts";
import { gate, until } from "../support/until.ts";
import { chunks, completion, json, sse, startUpstream, type Upstream } from "../support/upstream.ts";
import { runChild } from "./child.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-chat-"));
const root = join(import.meta.dir, "../..");
let upstream: Upstream;
let config = "";
let held = gate();

beforeAll(() => {
  upstream = startUpstream(({ body, headers }) => {
    const answers: Readonly<Record<string, () => Response | undefined>> = {
      s500: () => json({ error: { message: `broken for ${headers.get("authorization")}` } }, 500),
      s400: () => json({ error: { message: "bad seed", type: "invalid_request_error" } }, 400),
      cut: () => sse(chunks("one two three").slice(0, 3)),
      rude: () => json(completion("\x1b[31mred\x07")),
      long: () => sse([...chunks("x".repeat(1_000_000)), "[DONE]"]),
      mute: () => json(completion("")),
      held: () => {
        const [role = "", first = "", ...rest] = chunks("one two");
        const lines = (events: readonly string[]) => events.map((event) => `data: ${event}\n\n`).join("");
        return new Response(
          new ReadableStream({
            start: async (controller) => {
              controller.enqueue(new TextEncoder().encode(lines([role, first])));
              await held.opened;
              controller.enqueue(new TextEncoder().encode(lines([...rest, "[DONE]"])));
              controller.close();
            },
          }),
          { headers: { "content-type": "text/event-stream" } },
        );
      },
    };
    return answers[String(body["model"])]?.();
  });
  config = join(scratch, "routes.yaml");
  writeFileSync(
    config,
    `version: 1
auth: { keys: [{ id: someone, secret: env:SOMEONE, models: [good] }] }
providers:
  up: { kind: openai, base_url: "${upstream.url}", api_key: env:UP, models: { x: { price: { input: 1, output: 2 } } } }
  m: { kind: mistral, base_url: "${upstream.url}" }
  nobody: { kind: openai, base_url: "http://127.0.0.1:1/v1" }
  away: { kind: openai, api_key: env:AWAY, optional: true }
models:
${["s500", "s400", "cut", "rude", "mute", "held", "long"].map((name) => `  ${name}: { targets: [up/${name}] }`).join("\n")}
  good: { targets: [up/x] }
  saved: { targets: [up/s500], fallbacks: [good] }
  lossy: { targets: [m/y], overrides: { logit_bias: { "1": 1 } } }
  dead: { targets: [nobody/x] }
  away: { targets: [away/x] }
  hidden: { targets: [up/x], visible: false }
aliases: { other: good }
default_model: good
failover: { default: { retries: 0 } }
`,
  );
});
afterAll(async () => {
  await upstream.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const run = async (args: readonly string[], options: Parameters<typeof keptShell>[0] = {}) => {
  const kept = keptShell({ env: { UP: "sk-of-the-provider", CONFIG: config }, ...options });
  const code = await chat(args, kept.shell);
  return { code, out: kept.out(), err: kept.err(), pieces: kept.pieces };
};
const sent = () => upstream.requests.at(-1)?.body ?? {};

describe("an answer", () => {
  test("is written as it comes, and who gave it beside it", async () => {
    held = gate();
    const { code, pieces, err } = await run(["held", "Hi"], {
      onWrite: (text) => {
        // The rest comes only once the first piece is out.
        if (text === "one ") held.open();
      },
    });
    expect([code, pieces]).toEqual([0, ["one ", "two", "\n"]]);
    expect(err).toMatch(
      /^held → up\/held · 10 \+ 5 tokens · cost unknown · \d+ ms, the first after \d+ ms\n$/,
    );
    expect(sent()["stream"]).toBe(true);
  });

  test("is waited for with --no-stream", async () => {
    const { code, pieces, err } = await run(["--no-stream", "Hi"]);
    expect([code, pieces]).toEqual([0, ["Hello there.", "\n"]]);
    expect(err).toMatch(/^good → up\/x · 10 \+ 5 tokens · \$0\.000020 · \d+ ms\n$/);
    expect(sent()["stream"]).toBeUndefined();
  });

  test("as JSON has the whole of it, and how it came about", async () => {
    const { code, out, err } = await run(["saved", "Hi", "--json"]);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({
      ...{ ok: true, model: "saved", served_model: "good", provider: "up", upstream: "x" },
      ...{ reply: "Hello there.", error: null, cost_usd: 0.00002, warnings: [] },
      attempts: [
        { provider: "up", model: "s500", outcome: "server", status: 500 },
        { provider: "up", model: "x", outcome: "ok", status: 200 },
      ],
      usage: { prompt: 10, completion: 5, total: 15 },
      answer: { choices: [{ message: { content: "Hello there." } }] },
    });
  });

  test("by a fallback says so, and what failed before", async () => {
    const { code, out, err } = await run(["saved", "Hi"]);
    expect([code, out]).toEqual([0, "Hello there.\n"]);
    expect(err).toMatch(/^up\/s500: server 500 after \d+ ms\nsaved → good → up\/x · /);
  });

  test("tells what was dropped on the way", async () => {
    expect((await run(["lossy", "Hi"])).err).toContain("warning: logit_bias dropped");
  });

  test("does not steer the terminal", async () => {
    expect((await run(["rude", "--no-stream", "Hi"])).out).toBe("[31mred\n");
  });

  test("without a text is told to be that", async () => {
    const { code, out, err } = await run(["mute", "--no-stream", "Hi"]);
    expect([code, out]).toEqual([0, ""]);
    expect(err).toStartWith("The answer has no text.\nmute → up/mute");
  });
});

describe("the words", () => {
  test("become the request", async () => {
    await run(["other", "Hi", "--system", "Be brief.", "--max-tokens=5"]);
    expect(sent()).toMatchObject({
      model: "x",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
      ],
      max_completion_tokens: 5,
    });
  });

  test.each([
    ["of - are read from stdin", ["-"], "from a pipe"],
    ["after -- may begin with a dash", ["good", "--", "--json"], "--json"],
    ["of one are the message for default_model", ["Hi there"], "Hi there"],
  ])("%s", async (_, args, message) => {
    expect((await run(args, { input: "from a pipe\n" })).code).toBe(0);
    expect(sent()).toMatchObject({ model: "x", messages: [{ role: "user", content: message }] });
  });

  test("go to the first model where the file has no default", async () => {
    const other = join(scratch, "other.yaml");
    writeFileSync(
      other,
      "version: 1\nproviders: { s: { kind: simulated } }\nmodels: { b: { targets: [s/b], visible: false }, a: { targets: [s/a] } }\n",
    );
    expect((await run(["Hi", "--config", other])).err).toStartWith("a → s/a");
  });

  test.each([
    ["no message", [], /^chat needs a message/],
    ["an empty message", [""], /^The message is empty/],
    ["nothing on stdin", ["-"], /^The message is empty/],
    [
      "words that are not quoted",
      ["good", "Hi", "there"],
      /^chat takes at most 2 words, and "there" is one too many/,
    ],
    ["half a token", ["Hi", "--max-tokens", "0.5"], /^--max-tokens has to be a whole number/],
    ["no token", ["Hi", "--max-tokens=0"], /^--max-tokens/],
    ["an unknown flag", ["Hi", "--loud"], /^chat does not know "--loud"/],
    ["an unknown model", ["goood", "Hi"], /^The file has no model "goood"\. Did you mean "good"\?\n$/],
    ["a model that is hidden", ["hidden", "Hi"], /^The model "hidden" does not exist/],
    ["a file that is not there", ["Hi", "--config", "none.yaml"], /^There is no file/],
  ])("%s is exit 64", async (_, args, says) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([64, ""]);
    expect(err).toMatch(says);
  });
});

describe("without an answer", () => {
  test.each([
    [
      "a provider that is broken",
      "s500",
      1,
      /^up\/s500: server 500 after .*\nEvery attempt failed: up: server/,
    ],
    ["a request that the provider refuses", "s400", 1, /bad seed\n$/],
    [
      "a key that is not set",
      "away",
      1,
      /^No target of the model "away" is available: away: env:AWAY is not set/,
    ],
    ["nobody there", "dead", 69, /connection was refused/],
  ])("%s is told in a sentence", async (_, model, expected, says) => {
    const { code, out, err } = await run([model, "Hi"]);
    expect([code, out]).toEqual([expected, ""]);
    expect(err).toMatch(says);
    expect(err).not.toContain("sk-of");
  });

  test("what came before a break is kept, and the break is told", async () => {
    const { code, out, err } = await run(["cut", "Hi"]);
    expect([code, out]).toEqual([1, "one two \n"]);
    expect(err).toContain("cut before its end");
  });

  test("JSON tells the same", async () => {
    const { code, out } = await run(["s500", "Hi", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      { ok: false, reply: null, error: { code: "upstream_error" }, attempts: [{ outcome: "server" }] },
    ]);
  });
});

test("the file that ships answers without any key", async () => {
  const { code, out } = await run(["demo", "Hi"], { env: { CONFIG: join(root, "routes.yaml") } });
  expect([code, out]).toEqual([0, expect.stringContaining('You said: "Hi"')]);
});

test("a long answer goes through a pipe to its last byte", async () => {
  const child = runChild(scratch, ["chat", "long", "Hi"], { UP: "sk-of-the-provider" });
  expect(await child.exited).toBe(0);
  await until(() => child.stdout().length === 1_000_001, "all of it read");
});
