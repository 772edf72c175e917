import { expect, test } from "bun:test";
import { openai } from "../../src/providers/openai.ts";
import { provider, upstream } from "./fixtures.ts";

const foreign = {
  role: "assistant",
  content: "Well.",
  reasoning_content: "Hm.",
  thinking_blocks: [{ type: "thinking", thinking: "Hm.", signature: "x" }],
  tool_calls: [
    { id: "a", type: "function", function: { name: "f", arguments: "{}" }, index: 0, extra_content: {} },
  ],
};
const own = {
  role: "assistant",
  content: "Well.",
  tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
};
const somewhere = "http://127.0.0.1:1/v1";

const sentBy = (model: string, baseUrl: string, message: object): unknown => {
  const params = { messages: [{ role: "user", content: "Hi" }, message] };
  const encoded = openai.encode(
    upstream("openai", params, { model, provider: provider("openai", { baseUrl }) }),
  );
  return encoded.ok && Array.isArray(encoded.value.body["messages"])
    ? encoded.value.body["messages"][1]
    : null;
};

test.each([
  ["gpt-4o", somewhere, own],
  ["gpt-5-mini", somewhere, own],
  ["o3", somewhere, own],
  ["ft:gpt-4o-mini:acme", somewhere, own],
  ["our-deployment", "https://acme.openai.azure.com/openai/v1", own],
  ["some-model", "https://api.openai.com/v1", own],
  ["deepseek-reasoner", somewhere, foreign],
  ["openai/gpt-5", somewhere, foreign],
  ["gpt-oss-120b", somewhere, foreign],
  ["some-model", "https://notopenai.com/v1", foreign],
])("%s at %s is handed back what it can read of other providers' answers", (model, baseUrl, wanted) => {
  expect(sentBy(model, baseUrl, foreign)).toEqual(wanted);
});

test("a message of its own is sent as it came", () => {
  expect(sentBy("gpt-4o", somewhere, own)).toBe(own);
});
