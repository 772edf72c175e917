import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  generateObject,
  generateText,
  type LanguageModel,
  stepCountIs,
  streamText,
  tool,
  zodSchema,
} from "ai";
import { z } from "zod";
import type { Call } from "../support/strict/turn.ts";
import { modelNames, type Scene, startScene } from "./scene.ts";
import {
  ada,
  type Conversation,
  conversations,
  type Heard,
  heardOf,
  pixel,
  run,
  say,
  system,
} from "./script.ts";

let scene: Scene;
let languageModel: (name: string) => LanguageModel;
beforeAll(async () => {
  scene = await startScene(say);
  languageModel = createOpenAICompatible({
    name: "switchyard",
    baseURL: scene.baseUrl,
    apiKey: "none",
    fetch: scene.fetch,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
});
afterEach(() => scene.check());
afterAll(() => scene.stop());

const city = z.string().describe("The city's name");
const inputs = {
  get_weather: z.object({ city, unit: z.enum(["celsius", "fahrenheit"]) }),
  get_time: z.object({ city }),
  list_cities: z.object({}),
};

/** Tools that the library runs by itself, and what they were called with. */
function runnable(calls: Call[]) {
  const one = (name: keyof typeof inputs) =>
    tool({
      description: `Does ${name}.`,
      inputSchema: zodSchema<Call["arguments"]>(inputs[name]),
      execute: async (given): Promise<string> => {
        calls.push({ name, arguments: given });
        return run({ name, arguments: given });
      },
    });
  return { get_weather: one("get_weather"), get_time: one("get_time"), list_cities: one("list_cities") };
}

const ways: Readonly<Record<string, (model: string, conversation: Conversation) => Promise<Heard>>> = {
  generateText: async (name, { question: prompt }) => {
    const calls: Call[] = [];
    const { text } = await generateText({
      ...common(name),
      prompt,
      tools: runnable(calls),
      stopWhen: stepCountIs(5),
    });
    return { calls, answer: text };
  },
  streamText: async (name, { question: prompt }) => {
    const calls: Call[] = [];
    const result = streamText({ ...common(name), prompt, tools: runnable(calls), stopWhen: stepCountIs(5) });
    await result.consumeStream({ onError: (error) => expect(error).toBeUndefined() });
    return { calls, answer: await result.text };
  },
};

const common = (name: string) => ({ model: languageModel(name), instructions: system, maxRetries: 0 });

describe.each(modelNames)("Vercel's AI SDK with %s", (model) => {
  const cases = Object.keys(ways).flatMap((way) =>
    conversations.map((conversation) => [way, conversation.name, conversation] as const),
  );

  test.each(cases)("%s: %s", async (way, _name, conversation) => {
    expect(await ways[way]?.(model, conversation)).toEqual(heardOf(conversation));
  });

  test("shows pictures and instructions, and counts tokens", async () => {
    const text = { type: "text", text: "How many pictures do you see?" } as const;
    const { text: answer, usage } = await generateText({
      ...common(model),
      messages: [{ role: "user", content: [text, { type: "image", image: pixel }] }],
      stopSequences: ["END"],
    });
    expect(answer).toBe("I see 1 of them.");
    expect(usage).toMatchObject({ inputTokens: 21, outputTokens: 8 });
  });

  test("generateObject gives what zod describes", async () => {
    const { object } = await generateObject({
      ...common(model),
      prompt: "Who wrote the first program?",
      schema: z.object({ name: z.string(), age: z.number().int() }),
    });
    expect(object).toEqual(ada);
  });
});
