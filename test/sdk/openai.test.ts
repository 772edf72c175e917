import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import type { Call } from "../support/strict/turn.ts";
import { type Model, modelNames, models, type Scene, startScene } from "./scene.ts";
import {
  ada,
  type Conversation,
  conversations,
  type Heard,
  heardOf,
  parameters,
  pixel,
  run,
  say,
  system,
} from "./script.ts";

type Message = OpenAI.Chat.ChatCompletionMessageParam;
type Answer = OpenAI.Chat.ChatCompletionMessage;

let scene: Scene;
let client: OpenAI;
beforeAll(async () => {
  scene = await startScene(say);
  client = new OpenAI({ baseURL: scene.baseUrl, apiKey: "none", maxRetries: 0, fetch: scene.fetch });
});
afterEach(() => scene.check());
afterAll(() => scene.stop());

const definitions: OpenAI.Chat.ChatCompletionFunctionTool[] = Object.entries(parameters).map(
  ([name, schema]) => ({
    type: "function",
    function: { name, description: `Does ${name}.`, parameters: schema, strict: true },
  }),
);

const opening = (question: string): Message[] => [
  { role: "system", content: system },
  { role: "user", content: question },
];

/** Asks, calls and asks again, as a client without helpers would. */
async function converse(
  { question }: Conversation,
  ask: (messages: Message[]) => Promise<Answer | undefined>,
): Promise<Heard> {
  const messages = opening(question);
  const heard: { readonly calls: Call[] } = { calls: [] };
  for (;;) {
    const answer = await ask(messages);
    if (answer === undefined) throw new Error("it answered nothing");
    messages.push(answer);
    const calls = answer.tool_calls ?? [];
    if (calls.length === 0) return { ...heard, answer: answer.content ?? "" };
    for (const call of calls) {
      if (call.type !== "function") throw new Error("it called no function");
      const { name } = call.function;
      const made = { name, arguments: JSON.parse(call.function.arguments) };
      heard.calls.push(made);
      messages.push({ role: "tool", tool_call_id: call.id, content: run(made) });
    }
  }
}

/** Tools that the SDK runs by itself, and what they were called with. */
function runnable(calls: Call[]) {
  return Object.entries(parameters).map(([name, schema]) => ({
    type: "function" as const,
    function: {
      name,
      description: `Does ${name}.`,
      parameters: schema,
      parse: (json: string): Call["arguments"] => JSON.parse(json),
      function: (given: Call["arguments"]) => {
        calls.push({ name, arguments: given });
        return run({ name, arguments: given });
      },
    },
  }));
}

const ways: Readonly<Record<string, (model: Model, conversation: Conversation) => Promise<Heard>>> = {
  "create()": (model, conversation) =>
    converse(conversation, async (messages) => {
      const { choices } = await client.chat.completions.create({ model, messages, tools: definitions });
      return choices[0]?.message;
    }),
  "stream()": (model, conversation) =>
    converse(conversation, async (messages) => {
      const stream = client.chat.completions.stream({ model, messages, tools: definitions });
      return (await stream.finalChatCompletion()).choices[0]?.message;
    }),
  "parse()": (model, conversation) =>
    converse(conversation, async (messages) => {
      const { choices } = await client.chat.completions.parse({ model, messages, tools: definitions });
      return choices[0]?.message;
    }),
  "runTools()": async (model, { question }) => {
    const calls: Call[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: opening(question),
      tools: runnable(calls),
    });
    return { answer: (await runner.finalContent()) ?? "", calls };
  },
  "runTools(), streamed": async (model, { question }) => {
    const calls: Call[] = [];
    const messages = opening(question);
    const runner = client.chat.completions.runTools({
      model,
      messages,
      tools: runnable(calls),
      stream: true,
    });
    return { answer: (await runner.finalContent()) ?? "", calls };
  },
};

describe.each(modelNames)("OpenAI's SDK with %s", (model) => {
  // By create() and stream() all of them; what helpers do to messages shows in the longest.
  const cases = Object.keys(ways).flatMap((way, at) =>
    conversations
      .slice(at < 2 ? 0 : -1)
      .map((conversation) => [way, conversation.name, conversation] as const),
  );

  test.each(cases)("%s: %s", async (way, _name, conversation) => {
    expect(await ways[way]?.(model, conversation)).toEqual(heardOf(conversation));
  });

  test.each([false, true])("shows pictures, instructions and stop words (streamed: %p)", async (streamed) => {
    const request = {
      model,
      messages: [
        { role: "developer", content: system },
        {
          role: "user",
          content: [
            { type: "text", text: "How many pictures do you see?" },
            { type: "image_url", image_url: { url: pixel } },
            { type: "image_url", image_url: { url: pixel, detail: "low" } },
          ],
        },
      ] satisfies Message[],
      stop: ["END", "STOP"],
      max_completion_tokens: 100,
    };
    const answer = streamed
      ? await client.chat.completions.stream(request).finalContent()
      : (await client.chat.completions.create(request)).choices[0]?.message.content;
    expect(answer).toBe("I see 2 of them.");
    const asked = scene.mocks[models[model].kind].asked.at(-1);
    expect(asked).toMatchObject({ model: models[model].model, system, stream: streamed });
    // Those that reason cannot be stopped by a text.
    if (model !== "openai-reasoning") expect(asked?.stop).toEqual(["END", "STOP"]);
  });

  test("parse() gives what zod describes", async () => {
    const person = z.object({ name: z.string(), age: z.number().int() });
    const answer = await client.chat.completions.parse({
      model,
      messages: opening("Who wrote the first program?"),
      response_format: zodResponseFormat(person, "person_schema"),
    });
    expect(answer.choices[0]?.message.parsed).toEqual(ada);
  });
});
