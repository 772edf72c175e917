import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import type { Call } from "../support/strict/turn.ts";
import { modelNames, type Scene, startScene } from "./scene.ts";
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

let scene: Scene;
beforeAll(async () => {
  scene = await startScene(say);
});
afterEach(() => scene.check());
afterAll(() => scene.stop());

const chatModel = (model: string): ChatOpenAI =>
  new ChatOpenAI({
    model,
    apiKey: "none",
    maxRetries: 0,
    useResponsesApi: false,
    configuration: { baseURL: scene.baseUrl, fetch: scene.fetch },
  });

const definitions = Object.entries(parameters).map(([name, schema]) => ({
  type: "function" as const,
  function: { name, description: `Does ${name}.`, parameters: schema },
}));

type Ask = (model: ReturnType<typeof bound>, messages: BaseMessage[]) => Promise<AIMessageChunk>;
const bound = (model: string) => chatModel(model).bindTools(definitions);

const ways: Readonly<Record<string, Ask>> = {
  invoke: (model, messages) => model.invoke(messages),
  stream: async (model, messages) => {
    let whole = new AIMessageChunk("");
    for await (const chunk of await model.stream(messages)) whole = whole.concat(chunk);
    return whole;
  },
};

/** Asks, calls and asks again. */
async function converse(name: string, { question }: Conversation, ask: Ask): Promise<Heard> {
  const model = bound(name);
  const messages: BaseMessage[] = [new SystemMessage(system), new HumanMessage(question)];
  const calls: Call[] = [];
  for (;;) {
    const answer = await ask(model, messages);
    messages.push(answer);
    if ((answer.tool_calls ?? []).length === 0) return { calls, answer: answer.text };
    for (const { id = "", name, args } of answer.tool_calls ?? []) {
      calls.push({ name, arguments: args });
      messages.push(new ToolMessage({ tool_call_id: id, content: run({ name, arguments: args }) }));
    }
  }
}

const person = z.object({ name: z.string(), age: z.number().int() });

describe.each(modelNames)("LangChain with %s", (model) => {
  const cases = Object.keys(ways).flatMap((way) =>
    conversations.map((conversation) => [way, conversation.name, conversation] as const),
  );

  test.each(cases)("%s: %s", async (way, _name, conversation) => {
    const ask = ways[way];
    if (ask === undefined) throw new Error("no such way");
    expect(await converse(model, conversation, ask)).toEqual(heardOf(conversation));
  });

  test("shows pictures, and counts tokens", async () => {
    const answer = await chatModel(model).invoke([
      new HumanMessage({
        content: [
          { type: "text", text: "How many pictures do you see?" },
          { type: "image_url", image_url: { url: pixel } },
        ],
      }),
    ]);
    expect(answer.text).toBe("I see 1 of them.");
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 21, output_tokens: 8 });
  });

  test.each(["jsonSchema", "functionCalling"] as const)(
    "withStructuredOutput by %s gives what zod describes",
    async (method) => {
      const structured = chatModel(model).withStructuredOutput(person, { name: "person", method });
      expect(await structured.invoke("Who wrote the first program?")).toEqual(ada);
    },
  );
});
