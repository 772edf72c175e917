import { describe, expect, test } from "bun:test";
import { checkAssertions } from "../../src/config/assertions.ts";
import { compileText, snapshotOf } from "./helpers.ts";

const providers = `version: 1
providers:
  eu1: { kind: openai, tags: [eu], models: { "*": { price: free } } }
  eu2: { kind: openai, tags: [eu, fast], models: { "*": { price: free } } }
  us1: { kind: openai, tags: [us], models: { "*": { price: free } } }
  bare: { kind: openai, models: { "*": { price: free } } }
`;

/** `line:column message` of what is found to be broken, and where the assertion stands. */
function broken(rest: string): readonly string[] {
  const { diagnostics } = compileText(providers + rest);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.every(({ code }) => code === "assert_failed")).toBe(true);
  return errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The places alone. */
const places = (rest: string): readonly string[] => broken(rest).map((each) => each.split(" ")[0] ?? "");

describe("holds", () => {
  test.each([
    ["min_providers over targets", "models: { m: { targets: [eu1/a, eu2/a] } }", "m, min_providers: 2"],
    [
      "min_providers by way of fallbacks of fallbacks",
      "models: { m: { targets: [eu1/a], fallbacks: [n] }, n: { targets: [eu1/b], fallbacks: [o] }, o: { targets: [eu2/a] } }",
      "m, min_providers: 2",
    ],
    [
      "any_tag where one of several is borne",
      "models: { m: { targets: [eu2/a] } }",
      "m, any_tag: [fast, us]",
    ],
    [
      "only_tags where all that is borne is listed",
      "models: { m: { targets: [eu1/a, eu2/a] } }",
      "m, only_tags: [eu, fast]",
    ],
    [
      "any_tag beside a target that is disabled",
      "models: { m: { targets: [eu1/a, { provider: us1, model: a, enabled: false }] } }",
      "m, any_tag: [eu]",
    ],
    [
      "any_tag beside a fallback that is disabled",
      "models: { m: { targets: [eu1/a], fallbacks: [n] }, n: { targets: [us1/a], enabled: false } }",
      "m, any_tag: [eu]",
    ],
    ["a glob that no model bears", "models: { m: { targets: [us1/a] } }", '"eu-*", any_tag: [eu]'],
    [
      "a glob whose names a longer pattern takes",
      'models: { "*": { targets: ["us1/*"] }, "eu-*": { targets: ["eu1/*"] } }',
      '"eu-*", any_tag: [eu]',
    ],
    [
      "a name that is a model, beside a pattern",
      'models: { m: { targets: [eu1/a] }, "*": { targets: ["us1/*"] } }',
      "m, any_tag: [eu]",
    ],
    [
      "`auto` over its models",
      "models: { m: { targets: [eu1/a] } }\nauto: { models: [m] }",
      "auto, any_tag: [eu]",
    ],
    ["an assertion of nothing", "models: { m: { targets: [bare/a] } }", "m"],
  ])("%s", (_, rest, assertion) => {
    expect(broken(`${rest}\nassert: [{ model: ${assertion} }]\n`)).toEqual([]);
  });
});

describe("is broken at the culprit", () => {
  test("every target without the tag, and none of the others", () => {
    const rest = `models:
  m:
    targets:
      - eu1/a
      - us1/a
      - bare/a
assert: [{ model: m, any_tag: [eu] }]
`;
    expect(broken(rest)).toEqual([
      '11:9 "m" can reach us1/a, and us1 bears us; any_tag asserts one of these tags: eu.',
      '12:9 "m" can reach bare/a, and bare bears no tag; any_tag asserts one of these tags: eu.',
    ]);
  });

  test("the fallback that leads away, once, however many targets it has", () => {
    const rest = `models:
  m: { targets: [eu1/a], fallbacks: { any: [n], content_policy: [o] } }
  n: { targets: [eu1/a, us1/a, bare/a] }
  o: { targets: [us1/a] }
assert: [{ model: m, any_tag: [eu] }]
`;
    expect(places(rest)).toEqual(["8:45", "8:66"]);
  });

  test("a fallback that the same assertion judges is told where it stands", () => {
    const rest = `models:
  eu-a: { targets: [eu1/a], fallbacks: [eu-b] }
  eu-b: { targets: [us1/a] }
assert: [{ model: "eu-*", any_tag: [eu] }]
`;
    expect(places(rest)).toEqual(["9:21"]);
  });

  test("an alias only where its model is not judged itself", () => {
    const models = "models: { chat: { targets: [us1/a] } }\naliases: { eu-chat: chat }\n";
    expect(places(`${models}assert: [{ model: eu-chat, any_tag: [eu] }]\n`)).toEqual(["8:12"]);
    expect(places(`${models}assert: [{ model: "*chat", any_tag: [eu] }]\n`)).toEqual(["7:29"]);
  });

  test("the model of auto that leads away", () => {
    const rest = `models: { a: { targets: [eu1/a] }, b: { targets: [us1/a] } }
auto: { models: [a, b] }
assert: [{ model: auto, any_tag: [eu] }]
`;
    expect(places(rest)).toEqual(["8:21"]);
  });

  test("a pattern that answers names which the glob means", () => {
    const rest = `models: { "*": { targets: ["us1/*"] } }\nassert: [{ model: "eu-*", any_tag: [eu] }]\n`;
    expect(broken(rest)).toEqual([
      '7:28 "eu-*" (which "*" answers) can reach us1/*, and us1 bears us; any_tag asserts one of these tags: eu.',
    ]);
  });

  test("the model, where it has too few providers; causes of their own do not help in an outage", () => {
    const rest = `models:
  m: { targets: [eu1/a, eu1/b], fallbacks: { context_window: [n] } }
  n: { targets: [eu2/a] }
assert: [{ model: m, min_providers: 2 }]
`;
    expect(broken(rest)).toEqual([
      '8:3 "m" can reach 1 of the 2 providers that min_providers asserts (eu1); give it a target or a fallback at another one.',
    ]);
  });

  test("a disabled provider is none", () => {
    const off = providers.replace("eu2: { kind: openai,", "eu2: { kind: openai, enabled: false,");
    const { diagnostics } = compileText(
      `${off}models: { m: { targets: [eu1/a, eu2/a] } }\nassert: [{ model: m, min_providers: 2 }]\n`,
    );
    expect(diagnostics.map(({ code }) => code)).toContain("assert_failed");
  });
});

test("an assertion in an included file is named with its file", () => {
  const compiled = compileText([
    ["routes.yaml", `${providers}include: [a.yaml]\nmodels: { m: { targets: [us1/a] } }\n`],
    ["a.yaml", "assert:\n  - { model: m, any_tag: [eu] }\n"],
  ]);
  expect(compiled.diagnostics.find(({ code }) => code === "assert_failed")).toMatchObject({
    file: "routes.yaml",
    line: 8,
    end_column: 31,
    path: "/models/m/targets/0",
    related: [{ file: "a.yaml", line: 2, column: 5, message: "The assertion stands here." }],
  });
});

test("another mistake comes first: what it broke is not told as a broken assertion", () => {
  const { diagnostics } = compileText(
    `${providers}models: { m: { targets: [eu1/a, eu3/a] } }\nassert: [{ model: m, min_providers: 2 }]\n`,
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ code }) => code)).toEqual(["unknown_provider"]);
});

test("assertions of one file judge another", () => {
  const before = snapshotOf(
    `${providers}models: { m: { targets: [eu1/a, eu2/a] } }\nassert: [{ model: m, min_providers: 2 }]\n`,
  );
  const after = snapshotOf(`${providers}models:\n  m: { targets: [eu1/a] }\n`);
  expect(checkAssertions(before.asserts, after)).toMatchObject([
    { culprit: { kind: "model" }, at: { line: 8, column: 3 }, assertion: { at: { line: 8 } } },
  ]);
  expect(checkAssertions(before.asserts, before)).toEqual([]);
});
