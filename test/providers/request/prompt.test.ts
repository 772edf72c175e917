import { describe, expect, test } from "bun:test";
import {
  isMoreThanText,
  lastUserOf,
  messagesOf,
  promptOf,
  systemOf,
} from "../../../src/providers/request/prompt.ts";

const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA" } };
const conversation = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
  },
  { role: "tool", tool_call_id: "1", content: "31 C" },
  { role: "assistant", content: "Hot." },
  { role: "developer", content: [{ type: "text", text: "In French." }] },
  { role: "user", content: [{ type: "text", text: "And" }, image, { type: "text", text: "London?" }] },
];

describe("a conversation as text", () => {
  test("is the text alone where a user says one thing", () => {
    expect(promptOf([{ role: "user", content: "Hi" }])).toBe("Hi");
    expect(promptOf([{ role: "system", content: "Hi" }])).toBe("System: Hi");
    expect(promptOf([])).toBe("");
  });

  test("names who said what, in order, calls of tools and their results included", () => {
    expect(promptOf(conversation)).toBe(
      [
        "System: Be brief.",
        "User: Weather in Paris?",
        'Assistant: weather({"city":"Paris"})',
        "Tool: 31 C",
        "Assistant: Hot.",
        "System: In French.",
        "User: And\nLondon?",
      ].join("\n\n"),
    );
  });

  test("has its instructions and its last question apart", () => {
    expect(systemOf(conversation)).toBe("Be brief.\n\nIn French.");
    expect(lastUserOf(conversation)).toBe("And\nLondon?");
    expect([systemOf([]), lastUserOf([{ role: "assistant", content: "x" }])]).toEqual([undefined, undefined]);
  });

  test("knows what is no text, and reads only messages", () => {
    expect(conversation.map(isMoreThanText)).toEqual([false, false, false, false, false, false, true]);
    expect(messagesOf({ messages: [{ role: "user" }, "x", null] })).toEqual([{ role: "user" }]);
    expect(messagesOf({})).toEqual([]);
  });
});
