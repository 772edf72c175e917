import { isRecord } from "../../src/core/record.ts";
import type { Asked, Call, Turn } from "../support/strict/turn.ts";

/** A conversation as every client has to have it with every provider. */
export interface Conversation {
  readonly name: string;
  readonly question: string;
  /** What the model says and calls, before it has what it needs. */
  readonly steps: readonly { readonly text?: string; readonly calls: readonly Call[] }[];
  readonly answer: string;
}

export const system = "You are terse. Réponds en une phrase.";

/** What each tool gives: text, JSON, and text for no arguments at all. */
export const tools = {
  get_weather: ({ city }: { readonly city: string }): string => `21 °C in ${city}, "light" rain ☔`,
  get_time: ({ city }: { readonly city: string }): string => JSON.stringify({ city, time: "14:05" }),
  list_cities: (): string => "Bern, Zürich, 東京",
} as const;

/** What a call gives; anything else is a mistake of whoever calls. */
export function run({ name, arguments: given }: Call): string {
  if (name === "list_cities") return tools.list_cities();
  const city = given["city"];
  if (typeof city !== "string") throw new Error(`${name} was called without a city`);
  if (name === "get_weather") return tools.get_weather({ city });
  if (name === "get_time") return tools.get_time({ city });
  throw new Error(`no tool is called ${name}`);
}

const weather = (city: string): Call => ({ name: "get_weather", arguments: { city, unit: "celsius" } });
const time = (city: string): Call => ({ name: "get_time", arguments: { city } });
const cities: Call = { name: "list_cities", arguments: {} };

export const conversations: readonly Conversation[] = [
  {
    name: "one call",
    question: "How warm is it in Zürich?",
    steps: [{ calls: [weather("Zürich")] }],
    answer: "It is 21 °C in Zürich.",
  },
  {
    name: "calls side by side, after some words",
    question: "How warm is it in Bern, and how late?",
    steps: [{ text: "Let me look that up. ", calls: [weather("Bern"), time("Bern")] }],
    answer: "21 °C, and 14:05 o'clock ☕.",
  },
  {
    name: "calls one after another",
    question: "How warm is it in the last city of the list?",
    steps: [{ calls: [cities] }, { text: "東京 it is.", calls: [weather("東京"), weather("Bern")] }],
    answer: "東京: 21 °C.",
  },
];

/** A person, asked for as JSON: by a schema, or by a tool that is none of the above. */
export const ada = { name: "Ada", age: 36 };

/** The model: it follows the conversations above, and says what it sees of anything else. */
export function say(asked: Asked): Turn {
  const other = asked.tools.find((name) => !Object.hasOwn(tools, name));
  if (other !== undefined) return { calls: [{ name: other, arguments: ada }] };
  if (asked.schema !== null) return { text: JSON.stringify(ada) };
  const conversation = conversations.find(({ question }) => question === asked.user);
  if (conversation === undefined) return { text: `I see ${asked.images} of them.` };
  if (asked.results.length === 0) return { ...conversation.steps[0], reasoning: "I have to look." };
  const done = conversation.steps.findIndex(({ calls }) => areResults(asked.results, calls));
  if (done === -1) return { text: `What is this? ${JSON.stringify(asked.results)}` };
  const next = conversation.steps[done + 1];
  return next === undefined ? { text: conversation.answer } : { ...next, reasoning: "One more." };
}

/** Whether a model was given what its calls gave. */
export const areResults = (results: readonly string[], calls: readonly Call[]): boolean =>
  results.length === calls.length && calls.every((call, at) => isResult(results[at] ?? "", run(call)));

/** Gemini's results are objects: the tool's own, or one around its text. */
function isResult(seen: string, given: string): boolean {
  if (seen === given) return true;
  try {
    const object: unknown = JSON.parse(seen);
    return isRecord(object) && Object.values(object).includes(given);
  } catch {
    return false;
  }
}

/** What a client made of a conversation. */
export interface Heard {
  readonly calls: readonly Call[];
  readonly answer: string;
}

/** What it has to make of it. */
export const heardOf = ({ steps, answer }: Conversation): Heard => ({
  calls: steps.flatMap(({ calls }) => calls),
  answer,
});

const city = { type: "string", description: "The city's name" } as const;

/** The tools' arguments, as JSON Schema has them. */
export const parameters: Readonly<Record<keyof typeof tools, Record<string, unknown>>> = {
  get_weather: {
    type: "object",
    properties: { city, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
    required: ["city", "unit"],
    additionalProperties: false,
  },
  get_time: { type: "object", properties: { city }, required: ["city"], additionalProperties: false },
  list_cities: { type: "object", properties: {}, additionalProperties: false },
};

/** A picture of one pixel. */
export const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
