import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { UpstreamRequest } from "../../src/domain/adapter.ts";
import type { Params } from "../../src/domain/snapshot.ts";
import { mistral } from "../../src/providers/mistral.ts";
import { endpointOf, fixturesOf, hasFixtures, upstream } from "./fixtures.ts";

const user = { role: "user", content: "hi" };
const assistant = { role: "assistant", content: "hello" };

function encode(params: Params, more: Partial<UpstreamRequest> = {}) {
  const encoded = mistral.encode(upstream("mistral", params, more));
  if (!encoded.ok) throw new Error(encoded.error);
  return { body: encoded.value.body, says: encoded.value.losses.map(({ says }) => says) };
}
const sent = (messages: readonly unknown[], model = "mistral-large-latest") => {
  const { body, says } = encode({ messages }, { model });
  return { messages: body["messages"], says };
};

const call = (id: string, more: object = {}) => ({
  id,
  type: "function",
  function: { name: "f", arguments: "{}" },
  ...more,
});
const calls = (...ids: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: ids.map((id) => call(id)),
});
const result = (id: string) => ({ role: "tool", tool_call_id: id, name: "f", content: "1" });

describe("ids of tool calls", () => {
  test("that fit are kept, and the very messages with them", () => {
    const messages = [user, calls("aB3dE6gH9"), result("aB3dE6gH9")];
    expect(sent(messages).messages).toBe(messages);
  });

  test("of another provider become Mistral's, call and result alike", () => {
    const messages = [user, calls("call_1", "toolu_2"), result("toolu_2"), result("call_1")];
    const { messages: written, says } = sent(messages);
    const [, { tool_calls: ids }, second, first] = written as [
      unknown,
      { tool_calls: { id: string }[] },
      { tool_call_id: string },
      { tool_call_id: string },
    ];
    expect(ids.map(({ id }) => id)).toEqual([first.tool_call_id, second.tool_call_id]);
    for (const { id } of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(first.tool_call_id).not.toBe(second.tool_call_id);
    expect(says).toEqual([]);
    expect(sent(messages).messages).toEqual(written);
  });
});

describe("a conversation", () => {
  test("gets an assistant's word between a tool's and the user's, which is said", () => {
    const begun = [user, calls("aB3dE6gH9"), result("aB3dE6gH9")];
    const { messages, says } = sent([...begun, user]);
    expect(messages).toEqual([...begun, { role: "assistant", content: "OK" }, user]);
    expect(says).toHaveLength(1);
    expect(sent([...begun, assistant, user]).says).toEqual([]);
  });

  test("that ends with the assistant begins the answer, which is said", () => {
    expect(sent([user, assistant])).toMatchObject({ messages: [user, { ...assistant, prefix: true }] });
    expect(sent([user, assistant]).says).toHaveLength(1);
    const prefixed = [user, { ...assistant, prefix: true }];
    expect(sent(prefixed)).toEqual({ messages: prefixed, says: [] });
  });

  test("loses answers that say nothing, and with them nothing", () => {
    const silent = [
      { role: "assistant", content: "" },
      { role: "assistant", content: null, tool_calls: [] },
    ];
    expect(sent([user, ...silent, user])).toEqual({ messages: [user, user], says: [] });
  });

  test("has names of tools alone", () => {
    const { messages, says } = sent([{ ...user, name: "eve" }, calls("aB3dE6gH9"), result("aB3dE6gH9")]);
    expect(messages).toEqual([user, calls("aB3dE6gH9"), result("aB3dE6gH9")]);
    expect(says).toEqual(["messages[].name dropped: Mistral knows names of tools alone"]);
  });

  test("loses silently what other providers' answers bear", () => {
    const foreign = { extra_content: { google: {} } };
    const said = { ...assistant, thinking_blocks: [], reasoning_details: [], ...foreign };
    const called = { role: "assistant", content: "", tool_calls: [call("aB3dE6gH9", foreign)] };
    expect(sent([said, called, user])).toEqual({
      messages: [assistant, { ...called, tool_calls: [call("aB3dE6gH9")] }, user],
      says: [],
    });
  });
});

describe("earlier thoughts", () => {
  const thought = { ...assistant, reasoning_content: "hm" };
  const thinking = { type: "thinking", thinking: [{ type: "text", text: "hm" }] };

  test.each([
    ["reasoning_content", thought, [thinking, { type: "text", text: "hello" }]],
    ["reasoning", { ...assistant, reasoning: "hm" }, [thinking, { type: "text", text: "hello" }]],
    [
      "a list",
      { ...thought, content: [{ type: "text", text: "a" }] },
      [thinking, { type: "text", text: "a" }],
    ],
    ["nothing said", { ...thought, content: null }, [thinking]],
    ["Mistral's own form", { ...thought, content: [thinking] }, [thinking]],
  ])("go back to models that think, from %s", (_, said, content) => {
    expect(sent([said, user], "magistral-medium-latest")).toEqual({
      messages: [{ role: "assistant", content }, user],
      says: [],
    });
  });

  test("go to no other model, but to one that is asked to think", () => {
    expect(sent([thought, user]).messages).toEqual([assistant, user]);
    const { body } = encode({ messages: [thought, user], reasoning_effort: "high" });
    expect(body["messages"]).toMatchObject([{ content: [thinking, { type: "text" }] }, user]);
  });
});

describe("the effort of reasoning", () => {
  test.each([
    ["none", "none", 0],
    ["high", "high", 0],
    ["minimal", "none", 1],
    ["low", "high", 1],
    ["xhigh", "high", 1],
  ])("%s is sent as %s", (asked, effort, said) => {
    const { body, says } = encode({ messages: [user], reasoning_effort: asked });
    expect(body["reasoning_effort"]).toBe(effort);
    expect(says).toHaveLength(said);
  });

  test("is dropped for models that do not reason, and named", () => {
    const { body, says } = encode(
      { messages: [user], reasoning_effort: "low" },
      { model: "codestral-latest" },
    );
    expect(body).not.toHaveProperty("reasoning_effort");
    expect(says).toEqual(["reasoning_effort dropped: the model does not reason"]);
  });
});

test("Mistral's own fields reach it", () => {
  const params = {
    messages: [user],
    safe_prompt: true,
    prompt_mode: "reasoning",
    parallel_tool_calls: false,
    n: 2,
  };
  expect(encode(params)).toMatchObject({ body: params, says: [] });
});

describe("an input for embeddings", () => {
  const embed = (input: unknown) =>
    mistral.encode(upstream("mistral", { input }, { endpoint: "embeddings", model: "mistral-embed" }));

  test.each([
    [[15339, 1917], "hello world"],
    [
      [[15339], [1917]],
      ["hello", " world"],
    ],
    [
      ["a", "b"],
      ["a", "b"],
    ],
  ])("%j is sent as %j", (input, text) => {
    const encoded = embed(input);
    expect(encoded.ok && encoded.value.body["input"]).toEqual(text);
  });

  test("of something else than tokens is refused in a sentence", () => {
    expect(embed([-1])).toEqual({ ok: false, error: "input: -1 is no token of cl100k_base" });
  });
});

const requestFile = ({ id }: { readonly id: string }) =>
  new URL(`../../../shared/fixtures/${id}.upstream-request.json`, import.meta.url);
const accepted = fixturesOf("mistral").filter(
  (fixture) => fixture.http_status === 200 && existsSync(requestFile(fixture)),
);

test.skipIf(!hasFixtures)("what Mistral was recorded to accept is sent as it is", () => {
  expect(accepted.length).toBeGreaterThan(25);
  for (const fixture of accepted) {
    const { model, ...params } = JSON.parse(readFileSync(requestFile(fixture), "utf8")) as Params & {
      model: string;
    };
    const request = { model, endpoint: endpointOf(fixture), stream: fixture.streaming };
    expect({ id: fixture.id, ...encode(params, request) }).toEqual({
      id: fixture.id,
      body: { ...params, model },
      says: [],
    });
  }
});
