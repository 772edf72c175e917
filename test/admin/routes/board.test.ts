import { describe, expect, test } from "bun:test";
import { openIn } from "../../../src/admin/resets/circuits.tsx";
import { type Board, conditionOf, conditionOfModel, latencyOf } from "../../../src/admin/routes/board.ts";
import { matrixOf, signOf } from "../../../src/admin/routes/matrix.ts";
import { priceOf } from "../../../src/admin/routes/says.ts";
import { fewModels, shownOf } from "../../../src/admin/routes/shown.ts";
import { boardOf } from "./file.ts";

const file = `
providers: { openai: { kind: simulated }, azure: { kind: simulated }, off: { kind: simulated, enabled: false } }
models:
  chat: { targets: [openai/gpt, azure/gpt], fallbacks: [spare] }
  spare: { targets: [azure/mini] }
  gone: { targets: [off/x] }
  "azure/*": { targets: ["azure/*"] }
aliases: { gpt-4: chat }
`;
const endpoint = (provider: string, model: string, circuit: "closed" | "open" | "half_open") => ({
  ...{ provider, model, circuit, latency_ms: 100 },
});
const modelOf = (board: Board, name: string) => {
  const found = board.models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
};
const gpt = { provider: "openai", model: "gpt", enabled: true };

describe("a target", () => {
  test.each([
    ["that nobody called", {}, "good", "not called yet"],
    ["whose circuit is closed", { endpoints: [endpoint("openai", "gpt", "closed")] }, "good", "works"],
    ["whose circuit is open", { endpoints: [endpoint("openai", "gpt", "open")] }, "bad", "circuit open"],
    [
      "that a credential is left for",
      { endpoints: [endpoint("openai", "gpt", "open"), endpoint("openai", "gpt", "closed")] },
      ...(["warn", "circuit open for some keys"] as const),
    ],
    ["on trial", { endpoints: [endpoint("openai", "gpt", "half_open")] }, "warn", "circuit half open"],
    ["of another endpoint", { endpoints: [endpoint("openai", "mini", "open")] }, "good", "not called yet"],
    [
      "that was taken away",
      { disabled: [{ kind: "target" as const, name: "openai/gpt", until: null, reason: "it lies" }] },
      ...(["bad", "disabled by hand"] as const),
    ],
  ] as const)("%s", (_, different: Partial<Board>, state, says) => {
    expect(conditionOf(boardOf(file, different), gpt)).toEqual({ state, says });
  });

  test("that is off in the file is no trouble, and one without its key is", () => {
    const board = boardOf(file);
    expect(conditionOf(board, { ...gpt, enabled: false }).state).toBe("calm");
    const providers = board.providers.map((each) => ({ ...each, reason: "not_configured" as const }));
    expect(conditionOf({ ...board, providers }, gpt)).toEqual({ state: "bad", says: "key not set" });
  });

  test("of a pattern is all that it was filled with", () => {
    const board = boardOf(file, {
      endpoints: [endpoint("azure", "a", "closed"), { ...endpoint("azure", "b", "closed"), latency_ms: 300 }],
    });
    expect(latencyOf(board, { provider: "azure", model: "*" })).toBe(200);
    expect(latencyOf(board, gpt)).toBeNull();
  });
});

test("a model answers as far as its targets do", () => {
  const board = boardOf(file, { endpoints: [endpoint("openai", "gpt", "open")] });
  expect(conditionOfModel(board, modelOf(board, "chat"))).toEqual({
    state: "warn",
    says: "1 of 2 targets answer",
  });
  expect(conditionOfModel(board, modelOf(board, "spare")).state).toBe("good");
  expect(conditionOfModel(board, modelOf(board, "gone")).state).toBe("bad");
});

describe("a filter", () => {
  const board = boardOf(file, { endpoints: [endpoint("openai", "gpt", "open")] });
  const named = (text: string, troubled = false) =>
    shownOf(board, { text, troubled, all: false }).models.map(({ name }) => name);
  test.each([
    ["", ["chat", "spare", "gone", "azure/*"]],
    ["GPT-4", ["chat", "spare"]],
    ["off", ["gone"]],
    ["azure/mini", ["spare"]],
    ["nothing", []],
  ])("%j finds %j", (text, names) => {
    expect(named(text)).toEqual(names);
  });

  test("leaves what is in trouble", () => {
    expect(named("", true)).toEqual(["chat", "spare", "gone"]);
  });

  test("shows a few of many, and says how many more there are", () => {
    const models = Array.from({ length: 100 }, (_, n) => ({ ...modelOf(board, "spare"), name: `m${n}` }));
    const large = { ...board, models };
    const wish = { text: "", troubled: false, all: false };
    expect([shownOf(large, wish).models.length, shownOf(large, wish).more]).toEqual([fewModels, 80]);
    expect(shownOf(large, { ...wish, all: true })).toEqual({ models, more: 0 });
  });
});

describe("a cell of the matrix", () => {
  const answered = (provider: string, served: string, attempts: number) => ({
    ...{ provider, served, attempts, upstream: "x" },
  });
  const cell = (outage: string | null, answer: ReturnType<typeof answered> | null) => ({
    ...{ model: "chat", outage, answer },
    refusal: answer === null ? { code: "upstream_error", message: "down" } : null,
  });
  const well = cell(null, answered("openai", "chat", 1));

  test.each([
    ["the same provider", cell("azure", answered("openai", "chat", 1)), "calm", "openai", ""],
    ["another one", cell("openai", answered("azure", "chat", 3)), "good", "azure", "3 attempts"],
    ["a fallback", cell("openai", answered("azure", "spare", 2)), "warn", "spare (azure)", "2 attempts"],
    ["nobody", cell("openai", null), "bad", "nobody", "upstream_error"],
  ] as const)("says that %s answers, in words and with a sign", (_, one, state, says, more) => {
    expect(signOf(one, well)).toEqual({ state, says, more, sign: expect.stringMatching(/^.$/) });
  });

  test("blames no outage for what fails without one", () => {
    expect(signOf(cell("azure", null), cell(null, null)).state).toBe("calm");
    expect(signOf(cell(null, null), null).state).toBe("bad");
  });

  test("stands in the column of its provider", () => {
    const cells = [cell("b", null), well, cell("a", null)];
    expect(matrixOf({ providers: ["a", "b"], cells })).toEqual([
      { model: "chat", well, cells: [cell("a", null), cell("b", null)] },
    ]);
  });
});

test("circuits that are not closed are listed once each, open ones first", () => {
  const endpoints = [
    endpoint("a", "x", "half_open"),
    endpoint("a", "y", "closed"),
    endpoint("b", "z", "half_open"),
    endpoint("b", "z", "open"),
  ];
  expect(openIn(endpoints).map(({ model, circuit }) => [model, circuit])).toEqual([
    ["z", "open"],
    ["x", "half_open"],
  ]);
});

test.each([
  [null, "no price known"],
  [{ input: 0, output: 0, request: null }, "free"],
  [{ input: 2.5, output: 10, request: null }, "$2.50 in, $10.00 out per M"],
  [{ input: 0, output: 0, request: 0.01 }, "$0.00 in, $0.00 out per M + $0.01 a call"],
])("a price of %j reads %j", (price, says) => {
  expect(priceOf(price && { ...price, cached_input: null, cache_write: null })).toBe(says);
});
