import { describe, expect, setDefaultTimeout, test } from "bun:test";
import Ajv from "ajv";
import fc from "fast-check";
import { testsSchema } from "../../src/config/schema/published.ts";
import { readTests } from "../../src/simulate/scenario/read.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { brief } from "./scene.ts";

setDefaultTimeout(20_000);

const snapshot = snapshotOf(`
auth: { keys: [{ id: web-app, secret: env:WEB }] }
providers:
  openai: { kind: openai, models: { "*": { price: free } } }
  local: { kind: openai, base_url: "http://localhost:1/v1", models: { "*": { price: free } } }
models:
  chat: { targets: [openai/gpt-4o, local/qwen3] }
  "openai/*": { targets: ["openai/o*"] }
aliases: { gpt: chat }
auto: { models: [chat] }
`);

const read = (text: string) =>
  readTests(snapshot, { name: "routes.test.yaml", bytes: new TextEncoder().encode(text) });
/** What is said of one case, whose first line is line 4. */
const said = (...lines: readonly string[]) => {
  const body = lines.map((line) => `    ${line}\n`).join("");
  return read(`version: 1\ntests:\n  - name: it\n${body}`).diagnostics.map(
    ({ line, column, code, suggestion }) =>
      `${line}:${column} ${code}${suggestion === undefined ? "" : ` ${suggestion}`}`,
  );
};
const send = "send: { model: chat }";

describe("what is wrong with a case is told where it stands", () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ["an unknown word", ["sned: { model: chat }", "expect: { status: 200 }"], ["4:5 unknown_key send"]],
    [
      "an expectation that there is none of",
      [send, "expect: { provder: openai }"],
      ["5:15 unknown_key provider"],
    ],
    ["no expectation", [send], ["3:5 missing_key"]],
    ["an empty expectation", [send, "expect: {}"], ["5:13 out_of_range"]],
    ["nothing sent", ["expect: { status: 200 }"], ["3:5 missing_key"]],
    ["a number in quotes", [send, 'expect: { status: "200" }'], ["5:23 wrong_type"]],
    ["a comparison that is none", [send, 'expect: { status: "about 200" }'], ["5:23 wrong_type"]],
    ["a time without a unit", [send, "expect: { refused: { retry_after: 30 } }"], ["5:39 wrong_type"]],
    ["a limit that there is none of", [send, "expect: { limit: rps }"], ["5:22 wrong_type rpm"]],
    [
      "an outcome that there is none of",
      [send, "given: { providers: { openai: [sever] } }", "expect: { status: 200 }"],
      ["5:36 wrong_type server"],
    ],
    [
      "a fraction of a request",
      ["send: { model: chat, repeat: 1.5 }", "expect: { status: 200 }"],
      ["4:34 out_of_range"],
    ],
    [
      "more requests than a case may send",
      ["send: { model: chat, repeat: 1M }", "expect: { status: 200 }"],
      ["4:34 out_of_range"],
    ],
    [
      "a day that there is none of",
      ["given: { at: 2026-02-30 }", send, "expect: { status: 200 }"],
      ["4:18 out_of_range"],
    ],
    ["an unknown provider", [send, "expect: { provider: opnai }"], ["5:25 unknown_provider openai"]],
    [
      "an unknown provider in a script",
      [send, "given: { providers: { lcal: [server] } }", "expect: { status: 200 }"],
      ["5:27 unknown_provider local"],
    ],
    ["an unknown model", ["send: { model: caht }", "expect: { status: 200 }"], ["4:20 unknown_model chat"]],
    ["an unknown model that answers", [send, "expect: { model: gpt-4x }"], ["5:22 unknown_model gpt-4o"]],
    [
      "an unknown model to fall back from",
      [send, "expect: { fallback_from: cht }"],
      ["5:30 unknown_model chat"],
    ],
    [
      "an unknown model in for_all",
      ["for_all: { model: smal }", "expect: { status: 200 }"],
      ["4:23 unknown_model"],
    ],
    ["a glob that nothing matches", ["for_all: { model: eu-* }", "expect: { status: 200 }"], ["4:23 unused"]],
    [
      "models said twice",
      ["for_all: { model: chat }", send, "expect: { status: 200 }"],
      ["5:13 unknown_key"],
    ],
    [
      "an unknown key",
      ["send: { model: chat, key: web }", "expect: { status: 200 }"],
      ["4:31 unknown_key web-app"],
    ],
    [
      "an unknown key that has spent",
      [send, "given: { spent: { wep-app: 1 } }", "expect: { status: 200 }"],
      ["5:23 unknown_key web-app"],
    ],
    [
      "what cannot be taken away",
      [send, "given: { disabled: [alias gpt] }", "expect: { status: 200 }"],
      ["5:25 wrong_type"],
    ],
    [
      "what is not there to be taken away",
      [
        send,
        "given:",
        "  disabled:",
        "    - provider x",
        "    - target openai/o/y",
        "    - target local/x",
        "    - model gpt",
        "    - key x",
        "expect: { status: 200 }",
      ],
      ["7:11 unknown_provider", "9:11 unknown_model", "10:11 unknown_model", "11:11 unknown_key"],
    ],
    [
      "what is not there to be used",
      [send, "expect: { not_used: [openai, azure, local/qwen4] }"],
      ["5:34 unknown_provider", "5:41 unknown_model local/qwen3"],
    ],
  ])("%s", (_, lines, diagnostics) => {
    expect(said(...lines)).toEqual([...diagnostics]);
  });

  test("a pattern's target may be any of its names", () => {
    expect(
      said(
        "given: { disabled: [target openai/o5] }",
        send,
        "expect: { not_used: [openai/o3], model: openai/o3 }",
      ),
    ).toEqual([]);
  });
});

test("two cases of one name are told apart by nobody", () => {
  const one = "{ name: it, send: { model: chat }, expect: { status: 200 } }";
  const { diagnostics, cases } = read(`version: 1\ntests:\n  - ${one}\n  - ${one}\n`);
  expect(brief(diagnostics)).toEqual(["4:13 duplicate_id"]);
  expect(diagnostics[0]?.related).toMatchObject([{ line: 3, column: 13 }]);
  expect(cases).toEqual([]);
});

test.each([
  ["", "1:1 empty_file"],
  ["tests: []\n", "1:1 missing_key"],
  ["version: 2\ntests: []\n", "1:10 unsupported_version"],
  ["version: 1\ntests: [\n", "3:1 yaml_syntax"],
  ["version: 1\ntests: {}\n", "2:8 wrong_type"],
  ["version: 1\ntests: []\ntests: []\n", "3:1 duplicate_key"],
])("a file like %j", (text, diagnostic) => {
  expect(brief(read(text).diagnostics)).toEqual([diagnostic]);
});

test("what is not said is as the contract has it", () => {
  const [scene] = read("version: 1\ntests: [{ name: it, send: {}, expect: { status: 200 } }]").cases;
  expect(scene?.given).toMatchObject({ at: Date.UTC(2026, 0, 1), disabled: [] });
  expect(scene?.send).toEqual({
    model: null,
    key: null,
    user: null,
    tokens: 10,
    maxTokens: null,
    stream: false,
    tools: false,
    images: false,
    params: {},
    repeat: 1,
    everyMs: 0,
    seed: 0,
  });
});

test("outcomes may say as much as they like", () => {
  const { cases } = read(`version: 1
tests:
  - name: it
    given: { at: "2026-03-01T12:00+01:00", providers: { openai: [ok, server, { status: 503 }, { kind: rate_limited, retry_after: 20s }, { latency: 2s, ttft: 100ms, tokens: { prompt: 1k, completion: 0 } }, { status: 200 }] } }
    send: { model: chat }
    expect: { status: 200 }
`);
  expect(cases[0]?.given.at).toBe(Date.UTC(2026, 2, 1, 11));
  expect(cases[0]?.given.providers.get("openai")).toMatchObject([
    { kind: "ok", latencyMs: 0 },
    { kind: "server", status: null },
    { kind: "overloaded", status: 503 },
    { kind: "rate_limited", retryAfterMs: 20_000 },
    { kind: "ok", latencyMs: 2_000, ttftMs: 100, promptTokens: 1_000, completionTokens: 0 },
    { kind: "ok" },
  ]);
});

const whole = {
  version: 1,
  tests: [
    {
      name: "everything",
      given: {
        at: "2026-01-01T00:00:00Z",
        disabled: ["provider local", "target openai/gpt-4o", "model chat", "key web-app"],
        spent: { "web-app": 1.5 },
        providers: {
          openai: [
            "ok",
            {
              kind: "server",
              status: 500,
              retry_after: "20s",
              latency: "1s",
              ttft: "10ms",
              tokens: { prompt: "1k", completion: 5 },
            },
          ],
        },
      },
      send: {
        model: "chat",
        key: "web-app",
        user: "bob",
        tokens: "1k",
        max_tokens: 10,
        stream: true,
        tools: true,
        images: false,
        params: { top_p: 1 },
        repeat: 2,
        every: "1s",
        seed: 3,
      },
      expect: {
        status: 200,
        code: "x",
        limit: "rpm",
        provider: "openai",
        model: "chat",
        attempts: ">=1",
        fallback_from: "chat",
        params: { seed: 1 },
        headers: { "x-a": 1, "x-b": null },
        warnings: ["a"],
        cost_usd: "<0.01",
        accepted: 1,
        refused: { count: 1, code: "x", limit: "budget", retry_after: "<=30s" },
        not_used: ["local"],
        only_tags: ["eu"],
        any_tag: ["eu"],
      },
    },
    { name: "all", for_all: { model: "*", outage: "any-one-provider" }, expect: { status: "<500" } },
  ],
};

type Path = readonly (string | number)[];
const pathsOf = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value !== "object" || value === null
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([key, held]) =>
          pathsOf(held, [...path, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

/** A copy with one place changed. */
function changed(value: unknown, [step, ...rest]: Path, to: unknown): unknown {
  if (step === undefined) return to;
  const copy: Record<string | number, unknown> = Object.assign(Array.isArray(value) ? [] : {}, value);
  copy[step] = changed(copy[step], rest, to);
  return copy;
}

test("editors and the gateway agree on the form of every file that differs from a good one in one place", () => {
  const published = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
    testsSchema(),
  );
  const formal = new Set(["unknown_key", "missing_key", "wrong_type", "unsupported_version"]);
  published(whole);
  expect(published.errors).toBeNull();
  expect(read(JSON.stringify(whole)).diagnostics).toEqual([]);
  const odd = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    "",
    "5s",
    "<=3",
    ">1M",
    "ok",
    "server",
    "model chat",
    "chat",
    [],
    [1],
    { kind: "ok" },
    { x: 1 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...pathsOf(whole).slice(1)), odd, (path, to) => {
      const value = changed(whole, path, to);
      const { diagnostics } = read(JSON.stringify(value));
      // What is well formed may still name what is not there.
      const refused = diagnostics.some(
        ({ code, message }) => formal.has(code) && !message.startsWith("There is no client key"),
      );
      if (!published(value))
        expect({ path, to, told: diagnostics.length > 0 }).toEqual({ path, to, told: true });
      else expect({ path, to, refused }).toEqual({ path, to, refused: false });
    }),
    { numRuns: 400 },
  );
});
