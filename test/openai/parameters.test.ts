import { expect, test } from "bun:test";
import { endpoints } from "../../src/domain/endpoint.ts";
import { hasMeaning } from "../../src/openai/parameters.ts";

test.each<[string, unknown, readonly string[]]>([
  ["temperature", 1, ["chat", "completions"]],
  ["max_completion_tokens", 1, ["chat", "completions"]],
  ["reasoning_effort", "low", ["chat"]],
  ["suffix", "x", ["completions"]],
  ["dimensions", 8, ["embeddings"]],
  ["logprobs", true, ["chat"]],
  ["logprobs", 3, ["completions"]],
  ["user", "u", ["chat", "completions", "embeddings"]],
  ["input_type", "query", ["chat", "completions", "embeddings"]],
])("%s of %j has a meaning for %j", (name, value, expected) => {
  const places = Object.keys(endpoints) as (keyof typeof endpoints)[];
  expect(places.filter((endpoint) => hasMeaning(endpoint, name, value))).toEqual([
    ...expected,
  ] as typeof places);
});
