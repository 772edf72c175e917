import { expect, test } from "bun:test";
import { snapshotOf } from "./helpers.ts";

const text = `version: 1
auth:
  teams:
    search: { any_tag: [eu] }
  keys:
    - { id: web, secret: env:WEB, team: search, models: [chat, "!small"] }
providers:
  one: { kind: openai, enabled: true, models: { "gpt-*": { context: 8k } }, overrides: { store: false } }
models:
  chat:
    strategy: weighted
    targets:
      - { provider: one, model: gpt-x, weight: 2, defaults: { top_p: 1 } }
      - one/gpt-y
    max: { max_tokens: 8k }
    failover: brave
    fallbacks: [small]
  small: { targets: [one/gpt-z], fallbacks: { context_window: [long] } }
  long: { targets: [one/gpt-l] }
aliases: { old: { to: small, deprecated: { use: chat } }, short: small }
failover: { brave: { max_attempts: 9 } }
default_model: chat
`;
const snapshot = snapshotOf(text);

const [key] = snapshot.auth.keys;
const one = snapshot.providers.get("one");
const chat = snapshot.models.get("chat");
const small = snapshot.models.get("small");

const lineOf = (made: object | null | undefined, name: string | number) => {
  if (made == null) throw new Error("there is no such thing");
  return snapshot.lines.of(made, name);
};

/** Where a piece of the text begins. */
function placeOf(piece: string) {
  const [before = "", ...more] = text.split(piece);
  expect(more).toHaveLength(1);
  const lines = before.split("\n");
  return { file: "routes.yaml", line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

test.each([
  ["a key's glob", key?.models, 1, '"!small"'],
  ["a rule of a team", key?.team, "any_tag", "any_tag"],
  ["a field of a provider", one, "enabled", "enabled"],
  ["a fact", one?.facts[0], "context", "context: 8k"],
  ["an override", one?.overrides, "store", "store"],
  ["a strategy", chat, "strategy", "strategy"],
  ["a weight", chat?.targets[0], "weight", "weight:"],
  ["a default of a target", chat?.targets[0]?.defaults, "top_p", "top_p"],
  ["a bound", chat?.max, "max_tokens", "max_tokens"],
  ["a field of a policy", chat?.failover, "max_attempts", "max_attempts"],
  ["a fallback", chat?.fallbacks.any, 0, "small]\n"],
  ["a fallback by cause", small?.fallbacks.context_window, 0, "long]"],
  ["an alias's deprecation", snapshot.aliases.get("old"), "deprecated", "deprecated"],
  ["the default model", snapshot, "default_model", "default_model"],
])("%s is found where it stands", (_, made, name, piece) => {
  expect(lineOf(made, name)).toEqual(placeOf(piece));
});

test.each([
  ["what the file leaves out", one, "tags"],
  ["what is no index of a list", key?.models, "first"],
  ["an index past the end", key?.models, 2],
  ["the short form of a target", chat?.targets[1], "weight"],
  ["the short form of an alias", snapshot.aliases.get("short"), "deprecated"],
  ["the built-in policy", small?.failover, "retries"],
])("%s has no place", (_, made, name) => {
  expect(lineOf(made, name)).toBeNull();
});
