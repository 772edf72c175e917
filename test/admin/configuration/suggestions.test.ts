import { describe, expect, test } from "bun:test";
import { describedAt } from "../../../src/admin/configuration/described.ts";
import { namesIn } from "../../../src/admin/configuration/names.ts";
import { suggestionsAt } from "../../../src/admin/configuration/suggestions.ts";
import { publishedSchema, testsSchema } from "../../../src/config/schema/published.ts";
import { suggestedAt, taken, written } from "./writing.ts";

const labels = (...asked: Parameters<typeof suggestedAt>) => suggestedAt(...asked).map(({ label }) => label);

describe("keys", () => {
  test("are those of the schema at that depth, with what they are", () => {
    const found = suggestedAt("models:\n  a:\n    |\n");
    expect(found.find(({ label }) => label === "strategy")).toMatchObject({
      kind: "key",
      detail: "priority | weighted | headroom | latency | cost",
      info: "How eligible targets are ordered.",
    });
    expect(found.find(({ label }) => label === "targets")?.detail).toBe("list, required");
  });

  test("that are there already are left out", () => {
    expect(labels("models:\n  a:\n    strategy: cost\n    |\n")).not.toContain("strategy");
  });

  test("are those of the provider's kind, once it is said", () => {
    const before = labels("providers:\n  a:\n    |\n");
    const after = labels("providers:\n  a:\n    kind: openai\n    |\n");
    expect(before).toContain("tokens_per_second");
    expect([after.includes("base_url"), after.includes("tokens_per_second")]).toEqual([true, false]);
  });

  test("of an included file are those that it may have", () => {
    const found = labels("|", "included");
    expect([found.includes("models"), found.includes("failover")]).toEqual([true, false]);
  });

  test.each([
    [
      "a plain one gets its colon",
      "models:\n  a:\n    str|\n",
      "strategy",
      "models:\n  a:\n    strategy: |\n",
    ],
    [
      "a mapping begins below",
      "models:\n  a:\n    tim|\n",
      "timeouts",
      "models:\n  a:\n    timeouts:\n      |\n",
    ],
    [
      "a list begins with its dash",
      "models:\n  a:\n    |\n",
      "targets",
      "models:\n  a:\n    targets:\n      - |\n",
    ],
    [
      "in an item too",
      "auth:\n  keys:\n    - lim|\n",
      "limits",
      "auth:\n  keys:\n    - limits:\n        |\n",
    ],
    [
      "between braces it stays on its line",
      "models:\n  a: { tar| }\n",
      "targets",
      "models:\n  a: { targets: | }\n",
    ],
    [
      "a colon that is there stays the only one",
      "models:\n  a:\n    str|: cost\n",
      "strategy",
      "models:\n  a:\n    strategy|: cost\n",
    ],
  ])("%s", (_, marked, label, then) => {
    expect(taken(marked, label)).toBe(then);
  });
});

describe("values", () => {
  test.each([
    ["words", "models:\n  a: { strategy: | }\n", ["priority", "weighted", "headroom", "latency", "cost"]],
    ["true and false", "models:\n  a:\n    visible: |\n", ["true", "false"]],
    [
      "every kind of provider",
      "providers:\n  a: { kind: | }\n",
      ["openai", "anthropic", "gemini", "mistral", "qwen", "request", "simulated"],
    ],
    ["a word beside a mapping", "providers:\n  a:\n    models:\n      x:\n        price: |\n", ["free"]],
  ])("%s", (_, marked, values) => {
    expect(labels(marked)).toEqual(values);
  });
});

describe("names", () => {
  test.each([
    [
      "of targets, also those that were used before",
      "models:\n  b: { targets: [|] }\n",
      ["far/huge", "near/small", "near/", "far/"],
    ],
    ["of providers", "models:\n  b:\n    targets:\n      - provider: |\n", ["near", "far"]],
    [
      "of models for a fallback: none that is a pattern",
      "models:\n  b: { fallbacks: [|] }\n",
      ["chat", "old"],
    ],
    [
      "of models for a reason's fallback",
      "models:\n  b:\n    fallbacks:\n      any:\n        - |\n",
      ["chat", "old"],
    ],
    ["of models for an alias", "aliases: { x: | }\n", ["chat", "old"]],
    ["of models, patterns too, for a key", "auth:\n  keys:\n    - models: [|]\n", ["chat", "any-*", "old"]],
    ["of policies", "models:\n  b:\n    failover: |\n", ["patient"]],
    ["of teams", "auth:\n  keys:\n    - id: x\n      team: |\n", ["web"]],
    ["of tags", "auth:\n  teams:\n    x: { any_tag: [|] }\n", ["eu"]],
  ])("%s", (_, marked, names) => {
    expect(labels(marked)).toEqual(names);
  });

  test.each([
    ["of models", "tests:\n  - send: { model: | }\n", ["chat", "old"]],
    ["of keys", "tests:\n  - send: { key: | }\n", ["app"]],
    ["of providers as keys", "tests:\n  - given:\n      providers:\n        |\n", ["near", "far"]],
    [
      "of things that can be disabled",
      "tests:\n  - given: { disabled: [|] }\n",
      [
        "provider near",
        "provider far",
        "model chat",
        "model any-*",
        "model old",
        "key app",
        "target far/huge",
        "target near/small",
      ],
    ],
  ])("in tests %s", (_, marked, names) => {
    expect(labels(marked, "tests")).toEqual(names);
  });

  test("in tests, how an attempt ends is a word or a mapping", () => {
    expect(labels("tests:\n  - given:\n      providers:\n        near:\n          - |\n", "tests")).toEqual(
      expect.arrayContaining(["ok", "rate_limited", "kind", "status"]),
    );
  });

  test.each([
    ["[|]", '"*"'],
    ['["|"]', "*"],
  ])("that YAML would not read as text stand in quotes once: %s", (list, insert) => {
    const { text, at } = written(`auth:\n  keys:\n    - models: ${list}\n`);
    const names = namesIn([{ name: "a.yaml", text: 'models: { "*": { targets: [a/b] } }' }]);
    const known = { part: "root", schema: publishedSchema(), names } as const;
    expect(suggestionsAt(text, at, known)?.options).toMatchObject([{ label: "*", insert }]);
  });
});

describe("a key is described", () => {
  const describe = (marked: string) => {
    const { text, at } = written(marked);
    return describedAt(text, at, testsSchema() as object);
  };
  test("by the schema, wherever in its word one points", () => {
    expect(describe("tests:\n  - send: { sto|p: 1, stream: true }\n")).toBeNull();
    expect(describe("tests:\n  - send: { str|eam: true }\n")).toMatchObject({
      ...{ name: "stream", kind: "true | false", says: "Whether the answer is to be streamed." },
      ...{ from: 19, to: 25 },
    });
  });
  test("values are not", () => {
    expect(describe("tests:\n  - send: { stream: tr|ue }\n")).toBeNull();
  });
});
