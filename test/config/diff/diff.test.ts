// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { canonical } from "../../../src/config/canonical.ts";
import { risks } from "../../../src/config/diff/change.ts";
import { rules } from "../../../src/config/diff/rules.ts";
import { differences } from "../../../src/config/diff/walk.ts";
import { diff } from "../../../src/config/diff.ts";
import { base } from "../helpers.ts";
import { changesOf, edits, everything, sideOf, told } from "./sides.ts";

setDefaultTimeout(20_000);

const before = sideOf(everything);
const edited = edits.map((edit) => ({ ...edit, side: sideOf(everything.replace(edit.from, edit.to)) }));

test.each(edited.map((edit) => [`${edit.from.trim()} → ${edit.to.trim()}`, edit] as const))(
  "%s",
  (_, { from, side, expected }) => {
    expect(everything).toContain(from);
    expect(diff(before, side).map(told)).toEqual([...expected]);
  },
);

test("every rule has an edit that it judges", () => {
  const form = canonical(before.snapshot);
  const judged = edited.flatMap(({ side }) =>
    [...differences(form, canonical(side.snapshot))].map(({ pattern }) => pattern),
  );
  // Both need a policy that comes or goes, which is no edit of one word.
  const elsewhere = ["failover.*", "models.*.failover", "providers.*.kind", "rollout.*"];
  expect(Object.keys(rules).filter((rule) => ![...judged, ...elsewhere].includes(rule))).toEqual([]);
  expect(new Set(edits.flatMap(({ expected }) => expected.map((line) => line.split(" ")[0])))).toEqual(
    new Set(Object.keys(risks)),
  );
});

describe("what is no change", () => {
  test.each([
    ["comments", everything.replaceAll("\n", " # a word\n")],
    ["a number in another spelling", everything.replace("rpm: 600", "rpm: 0.6k")],
    ["a time in another spelling", everything.replace("deadline: 90s", "deadline: 1.5m")],
    [
      "a default written out",
      `${everything}\n`.replace("kind: anthropic,", "kind: anthropic, optional: false, headers: {},"),
    ],
    ["a reference in another spelling", everything.replace("secret: env:WEB", 'secret: "${WEB}"')],
    [
      "a short target in the long form",
      everything.replace("- eu/claude", "- { provider: eu, model: claude }"),
    ],
    [
      "a short alias in the long form",
      everything.replace("gpt-3.5-turbo: small", "gpt-3.5-turbo: { to: small }"),
    ],
    [
      "an order without meaning",
      everything.replace('[chat, "openai/*", "!openai/o1"]', '["!openai/o1", "openai/*", chat]'),
    ],
    [
      "a policy that nobody follows",
      everything.replace("failover:\n", "failover:\n  spare: { retries: 3 }\n"),
    ],
    ["an assertion twice", everything.replace("assert: [", "assert: [{ model: chat, min_providers: 1 }, ")],
  ])("%s", (_, text) => {
    expect(text).not.toBe(everything);
    expect(changesOf(everything, text)).toEqual([]);
  });
});

describe("names", () => {
  const chat = (rest: string) => `${base}${rest}`;
  test.each<[string, string, string, string[]]>([
    [
      "a model becomes an alias of its name",
      "  small: { targets: [one/c] }\n",
      "aliases: { small: chat }\n",
      ['ROUTE models.small: {"targets":["one/c"]} → an alias of chat'],
    ],
    [
      "an alias becomes a model of its name",
      "aliases: { small: chat }\n",
      "  small: { targets: [one/c] }\n",
      ['ROUTE aliases.small: an alias of chat → {"targets":["one/c"]}'],
    ],
    [
      "a model goes, and a pattern answers its name",
      '  small: { targets: [one/c] }\n  "sm*": { targets: ["two/*"] }\n',
      '  "sm*": { targets: ["two/*"] }\n',
      ['ROUTE models.small: {"targets":["one/c"]} → null'],
    ],
    [
      "a model comes, and takes its name from a pattern",
      '  "sm*": { targets: ["two/*"] }\n',
      '  small: { targets: [one/c] }\n  "sm*": { targets: ["two/*"] }\n',
      ['ROUTE models.small: null → {"targets":["one/c"]}'],
    ],
    [
      "an alias goes, and a pattern answers its name",
      '  "sm*": { targets: ["two/*"] }\naliases: { small: chat }\n',
      '  "sm*": { targets: ["two/*"] }\n',
      ['ROUTE aliases.small: {"to":"chat"} → null'],
    ],
    [
      "a model goes that nobody could ask for",
      "  small: { targets: [one/c], visible: false }\n",
      "",
      ['ROUTE models.small: {"targets":["one/c"],"visible":false} → null'],
    ],
    [
      "a model goes and leads to a hidden one",
      "  small: { targets: [one/c] }\n",
      '  "sm*": { targets: ["two/*"], visible: false }\n',
      [
        'BREAKING models.small: {"targets":["one/c"]} → null',
        'SAFE models.sm*: null → {"targets":["two/*"],"visible":false}',
      ],
    ],
    [
      "a shorter pattern takes over",
      '  "sm*": { targets: ["two/*"] }\n  "s*": { targets: ["one/*"] }\n',
      '  "s*": { targets: ["one/*"] }\n',
      ['ROUTE models.sm*: {"targets":["two/*"]} → null'],
    ],
    [
      "a model follows a policy that is new",
      "",
      "failover: { default: { retries: 0 } }\n",
      [
        "ROUTE models.chat.failover: (built-in) → default",
        'SAFE failover.default: null → {"on":["rate_limited","overloaded","server","timeout","network","auth","quota","not_found","malformed"],"max_attempts":4,"retries":0,"backoff":{"base":"250ms","max":"4s"},"deadline":"90s","breaker":{"failures":5,"within":"30s","open_for":"30s"}}',
      ],
    ],
    [
      "the first key shuts everybody else out",
      "",
      "auth: { keys: [{ id: a, secret: env:A }] }\n",
      [
        "BREAKING auth.keys: everybody may call → only these keys may call",
        'ACCESS auth.keys[a]: null → {"secret":"env:A"}',
      ],
    ],
    [
      "without the last key everybody may call",
      "auth: { keys: [{ id: a, secret: env:A }] }\n",
      "",
      [
        "ACCESS auth.keys: only these keys may call → everybody may call",
        'BREAKING auth.keys[a]: {"secret":"env:A"} → null',
      ],
    ],
    [
      "names with dots stand in quotes",
      '  "a.b": { targets: [one/a.b] }\n',
      '  "a.b": { targets: [{ provider: one, model: a.b, weight: 2 }] }\n',
      ['ROUTE models["a.b"].targets[one/a.b].weight: 1 → 2'],
    ],
    [
      "a user's name of a login is no secret",
      "  own: { targets: [one/c] }\n",
      "  own: { targets: [one/c], defaults: { user: { a: 1, b: [2] } } }\n",
      ['ROUTE models.own.defaults.user: null → {"a":1,"b":[2]}'],
    ],
  ])("%s", (_, from, to, expected) => {
    expect(changesOf(chat(from), chat(to)).map(told)).toEqual(expected);
  });
});
