import { expect, test } from "bun:test";
import { accessChanges } from "../../../src/simulate/plan/access.ts";
import { snapshotOf } from "../../support/snapshot.ts";

const head = 'providers: { a: { kind: openai, models: { "*": { price: free } } } }\n';
const of = (rest: string) => snapshotOf(head + rest);
const models =
  'models: { chat: { targets: [a/x] }, small: { targets: [a/y] }, "a/*": { targets: ["a/*"] } }\n';
const keys = (rules: string) => `auth: { keys: [{ id: web, secret: env:W${rules} }] }\n`;

test.each<[string, string, string, unknown]>([
  ["the same", models + keys(""), models + keys(", limits: { rpm: 1 }"), []],
  [
    "a key that may use less",
    models + keys(""),
    models + keys(", models: [chat]"),
    [{ key: "web", loses: ["small", "a/*"], gains: [] }],
  ],
  [
    "a key that may use another part of a pattern",
    models + keys(', models: ["a/x*"]'),
    models + keys(', models: ["a/y*"]'),
    [{ key: "web", loses: ["a/x*"], gains: ["a/y*"] }],
  ],
  [
    "a team that may use less",
    `${models}auth: { teams: { t: {} }, keys: [{ id: web, secret: env:W, team: t }] }\n`,
    `${models}auth: { teams: { t: { models: ["!small"] } }, keys: [{ id: web, secret: env:W, team: t }] }\n`,
    [{ key: "web", loses: ["small"], gains: [] }],
  ],
  [
    "a name that goes, and one that comes, for everybody",
    models,
    models.replace("small:", "tiny:"),
    [{ key: null, loses: ["small"], gains: ["tiny"] }],
  ],
  [
    "the first key",
    models,
    models + keys(", models: [chat]"),
    [
      { key: null, loses: ["chat", "small", "a/*"], gains: [] },
      { key: "web", loses: [], gains: ["chat"] },
    ],
  ],
  [
    "a name that is hidden, and auto",
    `${models}auto: { models: [chat] }\n`,
    models.replace("[a/y]", "[a/y], visible: false"),
    [{ key: null, loses: ["small", "auto"], gains: [] }],
  ],
  [
    "an alias of a model that may be used",
    models + keys(", models: [chat]"),
    `${models}${keys(", models: [chat]")}aliases: { c: chat }\n`,
    [{ key: "web", loses: [], gains: ["c"] }],
  ],
])("%s", (_, base, after, expected) => {
  expect<unknown>(accessChanges(of(base), of(after))).toEqual(expected);
});
