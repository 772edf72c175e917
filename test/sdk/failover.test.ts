import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import OpenAI from "openai";
import type { StrictKind } from "../support/strict/protocols.ts";
import { qwenFailure } from "../support/strict/qwen.ts";
import type { Asked, Turn } from "../support/strict/turn.ts";
import { type Model, modelNames, type Scene, startScene } from "./scene.ts";
import { areResults, parameters, run, system } from "./script.ts";

setDefaultTimeout(20_000);

type Message = OpenAI.Chat.ChatCompletionMessageParam;
type Answer = OpenAI.Chat.ChatCompletionMessage;

/** What the model does, turn by turn, whoever serves it. */
const city = (name: string) => ({ name: "get_time", arguments: { city: name } });
const turns: readonly Turn[] = [
  { reasoning: "First the list.", calls: [{ name: "list_cities", arguments: {} }] },
  { reasoning: "Now the first.", text: "One by one.", calls: [city("Bern")] },
  { reasoning: "Now two.", calls: [city("Zürich"), city("東京")] },
  { reasoning: "Again.", redacted: true, calls: [city("Bern")] },
  { reasoning: "Done.", text: "It is 14:05 everywhere." },
  { reasoning: "Another.", text: "Let me see.", calls: [city("Basel"), city("Chur")] },
  { reasoning: "Once more.", calls: [city("Genf")] },
  { reasoning: "Done again.", text: "14:05 there as well." },
];
const questions = ["What time is it everywhere?", "And in Basel, Chur and Genf?"];

let at = 0;

/** The script goes on where everything that it needs to know has arrived. */
function say({ system: told, results }: Asked): Turn {
  const calls = turns[at - 1]?.calls ?? [];
  const isWhole = told === system && areResults(results, calls);
  return isWhole ? (turns[at] ?? {}) : { text: `${told}? ${JSON.stringify(results)}?`, reasoning: "What?" };
}

const quick = {
  on: ["server", "rate_limited", "overloaded"],
  retries: 0,
  backoff: { base: "1ms", max: "1ms" },
};
const targets = ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-3-pro-preview"];
const chain = ["openai", "anthropic", "gemini"] as const;

let scene: Scene;
let client: OpenAI;
beforeAll(async () => {
  scene = await startScene(say, {
    models: {
      relay: { targets, failover: "quick" },
      "in-band": { targets: ["qwen/qwen-plus", "openai/gpt-4o-mini"], failover: "quick" },
    },
    failover: { quick: { ...quick, breaker: { failures: 1000, within: "1s", open_for: "1s" } } },
  });
  client = new OpenAI({ baseURL: scene.baseUrl, apiKey: "none", maxRetries: 0, fetch: scene.fetch });
});
afterEach(() => scene.check());
afterAll(() => scene.stop());

const tools = Object.entries(parameters).map(([name, schema]) => ({
  type: "function" as const,
  function: { name, description: `Does ${name}.`, parameters: schema },
}));

/** What a client hands back of an answer: all of it, or what OpenAI's API has. */
const echoes = {
  verbatim: (answer: Answer): Message => answer,
  standard: ({ content, tool_calls: calls }: Answer): Message => ({
    role: "assistant",
    content,
    ...(calls === undefined
      ? {}
      : {
          tool_calls: calls.flatMap((call) =>
            call.type === "function" ? [{ id: call.id, type: call.type, function: call.function }] : [],
          ),
        }),
  }),
} as const;
type Echo = keyof typeof echoes;

type More = Partial<Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, "stream">>;

/** Asks once, streamed or not. */
async function ask(
  model: string,
  messages: Message[],
  { streamed = false, more = {} }: { readonly streamed?: boolean; readonly more?: More } = {},
): Promise<Answer> {
  const usual = { tools, reasoning_effort: "medium", max_completion_tokens: 6_000 } as const;
  const request = { model, messages, ...usual, ...more };
  const { choices } = streamed
    ? await client.chat.completions.stream(request).finalChatCompletion()
    : await client.chat.completions.create(request);
  const message = choices[0]?.message;
  if (message === undefined) throw new Error("it answered nothing");
  return message;
}

/** What the tools of an answer give. */
const resultsOf = ({ tool_calls: calls = [] }: Answer): readonly Message[] =>
  calls.flatMap((call) => {
    if (call.type !== "function") return [];
    const made = { name: call.function.name, arguments: JSON.parse(call.function.arguments) };
    return [{ role: "tool", tool_call_id: call.id, content: run(made) }];
  });

/** Has the whole conversation; `serve` says which model to ask for a turn, after making sure of who serves it. */
async function converse(serve: (turn: number) => string, echo: Echo, streamed: boolean): Promise<void> {
  const asked = [...questions];
  const messages: Message[] = [{ role: "system", content: system }];
  for (at = 0; at < turns.length; at++) {
    if ((turns[at - 1]?.calls ?? []).length === 0)
      messages.push({ role: "user", content: asked.shift() ?? "" });
    const answer = await ask(serve(at), messages, { streamed });
    expect(answer.content ?? "").toBe(turns[at]?.text ?? "");
    expect((answer.tool_calls ?? []).length).toBe(turns[at]?.calls?.length ?? 0);
    messages.push(echoes[echo](answer), ...resultsOf(answer));
  }
}

const manners = (["verbatim", "standard"] as const).flatMap((echo) =>
  [false, true].map((streamed) => [echo, streamed] as const),
);

describe.each(manners)("a conversation whose answers are handed back %s (streamed: %p)", (echo, streamed) => {
  test("goes on when every turn is served by another provider", async () => {
    const answered: StrictKind[] = [];
    const counts = chain.map((kind) => scene.mocks[kind].asked.length);
    const note = (): void => {
      for (const [place, kind] of chain.entries()) {
        const count = scene.mocks[kind].asked.length;
        if (count > (counts[place] ?? 0)) answered.push(kind);
        counts[place] = count;
      }
    };
    await converse(
      (turn) => {
        note();
        for (const kind of chain.slice(0, turn % chain.length))
          scene.mocks[kind].failNext(turn % 2 === 0 ? 500 : 429);
        return "relay";
      },
      echo,
      streamed,
    );
    note();
    expect(answered).toEqual(turns.flatMap((_, turn) => chain[turn % chain.length] ?? []));
  });

  test("goes on with any provider after any other", async () => {
    const models = fc.array(fc.constantFrom(...modelNames), {
      minLength: turns.length,
      maxLength: turns.length,
    });
    await fc.assert(
      fc.asyncProperty(models, async (chosen) => {
        await converse((turn) => chosen[turn] ?? "openai", echo, streamed);
        await scene.check();
      }),
      { numRuns: 5, seed: 20_261_127 },
    );
  });
});

test.each(["anthropic", "anthropic-new"] as const satisfies readonly Model[])(
  "%s goes on thinking when its thoughts are handed back",
  async (model) => {
    const { asked } = scene.mocks.anthropic;
    const before = asked.length;
    await converse(() => model, "verbatim", true);
    expect(asked.slice(before).map(({ thinking }) => thinking)).toEqual(turns.map(() => true));
  },
);

test("an error inside a 200 goes on with the next provider", async () => {
  const { qwen, openai } = scene.mocks;
  const before = openai.asked.length;
  qwen.failNext(qwenFailure);
  at = 0;
  const question: Message = { role: "user", content: "Are you there?" };
  const answer = await ask("in-band", [{ role: "system", content: system }, question], { streamed: true });
  expect(answer.tool_calls).toMatchObject([{ function: { name: "list_cities" } }]);
  expect([qwen.requests.length, openai.asked.length - before]).toEqual([qwen.asked.length + 1, 1]);
});

test("gemini's signatures come back as they were", async () => {
  const { requests } = scene.mocks.gemini;
  const before = requests.length;
  await converse(() => "gemini", "verbatim", true);
  const sent = JSON.stringify(requests.slice(before).map(({ body }) => body));
  expect(sent).toContain('"thoughtSignature"');
  expect(sent).not.toContain("skip_thought_signature_validator");
});

/** What the next request of a loop may ask for, though the one before did not. */
const changes: readonly (readonly [says: string, more: More, words: readonly Message[]])[] = [
  ["to think no more", { reasoning_effort: "none" }, []],
  ["to call something", { tool_choice: "required" }, []],
  ["to call one tool", { tool_choice: { type: "function", function: { name: "get_time" } } }, []],
  ["to be brief", { max_completion_tokens: 500 }, []],
  ["how to sample", { temperature: 0.5, top_p: 0.5 }, []],
  ["to answer in JSON", { response_format: { type: "json_object" } }, []],
  ["what the user has to say besides", {}, [{ role: "user", content: "As JSON, please." }]],
];

test.each(changes)("a loop goes on when its next request says %s", async (_says, more, words) => {
  for (const model of modelNames) {
    at = 0;
    const messages: Message[] = [
      { role: "system", content: system },
      { role: "user", content: "What time is it? As JSON." },
    ];
    const answer = await ask(model, messages);
    messages.push(answer, ...resultsOf(answer), ...words);
    expect(await ask(model, messages, { more }), model).toMatchObject({ role: "assistant" });
  }
});
