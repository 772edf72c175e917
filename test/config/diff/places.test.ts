import { expect, test } from "bun:test";
import { diff } from "../../../src/config/diff.ts";
import type { Position } from "../../../src/domain/position.ts";
import { base } from "../helpers.ts";
import { everything, sideOf } from "./sides.ts";

const before = sideOf(everything);

/** What stands at a place, up to the end of its line. */
const textAt = (text: string, { line, column }: Position): string =>
  (text.split("\n")[line - 1] ?? "").slice(column - 1);

test.each([
  ["a value, at its key", "rpm: 600", "rpm: 6", "rpm: 600 }", "rpm: 6 }"],
  [
    "a value that comes, and what it comes to",
    "{ rpm: 600 }",
    "{ rpm: 600, tpm: 5k }",
    "limits: {",
    "tpm: 5k",
  ],
  ["an item of a list, at its own place", "      - eu/claude\n", "", "eu/claude", "targets:"],
  ["a field of an item", "weight: 3", "weight: 4", "weight: 3", "weight: 4"],
  [
    "a field that the short form leaves out",
    "- eu/claude",
    "- { provider: eu, model: claude, weight: 2 }",
    "eu/claude",
    "weight: 2",
  ],
  ["a credential", "api_key: env:EU", "api_key: env:EU2", "api_key: env:EU,", "api_key: env:EU2"],
  ["a member of a pool", "limits: { tpm: 1M }", "limits: { tpm: 2M }", "tpm: 1M", "tpm: 2M"],
  ["a budget, at its rule", "usd: 50", "usd: 51", "usd: 50", "usd: 51"],
  ["an assertion", "min_providers: 1", "min_providers: 2", "min_providers: 1", "min_providers: 2"],
  ["a section that goes, at the top", "default_model: small\n", "", "default_model: small", "version: 1"],
  ["a policy, where it is written", "retries: 1", "retries: 2", "retries: 1", "retries: 2"],
  ["a price", "input: 2.5", "input: 3", "input: 2.5", "input: 3"],
  [
    "a default that nobody wrote",
    "kind: anthropic,",
    "kind: anthropic, optional: true,",
    "eu: {",
    "optional: true",
  ],
  ["a thing as a whole", "  small: {", "  new: { targets: [eu/x] }\n  small: {", "models:", "new: {"],
])("%s", (_, from, to, inBase, inHead) => {
  expect(everything).toContain(from);
  const head = everything.replace(from, to);
  const [change, ...others] = diff(before, sideOf(head));
  expect(others).toEqual([]);
  if (change === undefined) throw new Error("no change");
  expect(textAt(everything, change.base)).toStartWith(inBase);
  expect(textAt(head, change.head)).toStartWith(inHead);
});

test("an included file is named", () => {
  const side = (weight: number) =>
    sideOf([
      ["routes.yaml", `${base.split("models:\n  chat")[0]}include: [a.yaml]\n`],
      [
        "a.yaml",
        `# a line\nmodels:\n  chat: { targets: [{ provider: one, model: a, weight: ${weight} }] }\n`,
      ],
    ]);
  const at = { file: "a.yaml", line: 3, column: 48 };
  expect(diff(side(1), side(2))).toMatchObject([{ base: at, head: at }]);
});

test("a pool of one that is no list is looked into", () => {
  const side = (rpm: number) =>
    sideOf(base.replace("api_key: env:ONE_KEY", `api_key: { key: env:ONE_KEY, limits: { rpm: ${rpm} } }`));
  const [change] = diff(side(1), side(2));
  expect(change).toMatchObject({
    path: "providers.one.api_key[ONE_KEY].limits.rpm",
    head: { line: 3, column: 63 },
  });
});

test("the other words for a login are found", () => {
  const side = (url: string) =>
    sideOf(
      `${base.replace("models:\n", `  own: { kind: request, base_url: "http://127.0.0.1:1", auth_url: "${url}", username: u, password: env:P }\nmodels:\n`)}  own: { targets: [own/x] }\n`,
    );
  const [change] = diff(side("http://127.0.0.1:2"), side("http://127.0.0.1:3"));
  expect(change).toMatchObject({ path: "providers.own.login.url", base: { line: 5, column: 57 } });
});
