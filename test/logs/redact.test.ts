import { expect, test } from "bun:test";
import { pathsFor, redact, redacted } from "../../src/logs/redact.ts";

const document = () => ({
  user: "u",
  messages: [{ content: "a" }, { content: [{ type: "text", text: "b" }] }, { role: "tool" }],
  "odd.name": { deep: { secret: 1 } },
});

test.each([
  [["user"], { user: redacted }],
  [["messages[*].content"], { messages: [{ content: redacted }, { content: redacted }, { role: "tool" }] }],
  [["messages[0].content"], { messages: [{ content: redacted }, document().messages[1], { role: "tool" }] }],
  [
    ["messages[*].content[*].text"],
    { messages: [{ content: "a" }, { content: [{ type: "text", text: redacted }] }, { role: "tool" }] },
  ],
  [['["odd.name"].*.secret'], { "odd.name": { deep: { secret: redacted } } }],
  [["*"], { user: redacted, messages: redacted, "odd.name": redacted }],
  [["user.name", "nothing.there", "messages[7].content", "", "[", "__proto__.x"], {}],
])("%j", (paths, changed) => {
  const found: Record<string, unknown> = document();
  redact(found, paths);
  expect(found).toEqual({ ...document(), ...changed });
});

test("a path that begins with a side concerns that side only", () => {
  const paths = ["user", "request.messages[*].content", "answer.choices[*].message"];
  expect(pathsFor("request", paths)).toEqual(["user", "messages[*].content"]);
  expect(pathsFor("answer", paths)).toEqual(["user", "choices[*].message"]);
});
