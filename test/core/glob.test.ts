import { expect, test } from "bun:test";
import { judge } from "../../src/core/glob.ts";

test.each([
  [[], ["chat"], true, null],
  [["chat"], ["chat"], true, 0],
  [["gpt-*", "chat"], ["best", "chat"], true, 1],
  [["gpt-*"], ["chat"], false, null],
  [["!chat"], ["chat"], false, 0],
  [["!chat"], ["small"], true, null],
  [["*", "!openai/o1*"], ["openai/o1-pro"], false, 1],
  [["!x", "y"], ["z"], false, null],
  [["c*", "!*t"], ["alias", "chat"], false, 1],
])("%j says of %j: %p, by %p", (globs, names, allows, by) => {
  expect(judge(globs, names)).toEqual({ allows, by });
});
