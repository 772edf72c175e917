import { isRecord } from "../core/record.ts";
import type { StreamItem } from "../domain/adapter.ts";
import { type Endpoint, endpoints } from "../domain/endpoint.ts";
import type { Usage } from "../domain/usage.ts";
import type { Fields } from "./fields.ts";
import { bearsOutput, outputLength } from "./output.ts";

/**
 * A whole answer in OpenAI's shape as the stream that a client asked for: for each choice all that it says in one chunk and
 * its finish reason in another, then usage and the end.
 */
export function replay(endpoint: Endpoint, answer: Fields, usage: Usage): readonly StreamItem[] {
  const { choices, usage: json = null, ...rest } = answer;
  const head = { ...rest, object: endpoints[endpoint].chunk };
  const said = Array.isArray(choices) ? choices.filter(isRecord) : [];
  const chunks = said.flatMap((choice) =>
    endpoint === "chat" ? chatChunks(head, choice) : textChunks(head, choice),
  );
  return [...chunks, { kind: "usage", usage, json }, { kind: "end" }];
}

function chatChunks(head: Fields, choice: Fields): readonly StreamItem[] {
  const { message, logprobs = null, finish_reason, ...place } = choice;
  const delta = deltaOf(isRecord(message) ? message : {});
  const first = { ...place, delta, logprobs, finish_reason: null };
  return [
    chunk(head, first, { output: bearsOutput(delta), finishes: 0, text: outputLength(delta) }),
    chunk(head, { ...place, delta: {}, logprobs: null, finish_reason }, finish),
  ];
}

function textChunks(head: Fields, choice: Fields): readonly StreamItem[] {
  const { text, finish_reason } = choice;
  const length = typeof text === "string" ? text.length : 0;
  return [
    chunk(head, { ...choice, finish_reason: null }, { output: length > 0, finishes: 0, text: length }),
    chunk(head, { ...choice, text: "", logprobs: null, finish_reason }, finish),
  ];
}

/** Tool calls of a stream are numbered. */
function deltaOf(message: Fields): Fields {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return message;
  return {
    ...message,
    tool_calls: calls.map((call, index) => (isRecord(call) ? { index, ...call } : call)),
  };
}

type About = Pick<Extract<StreamItem, { readonly kind: "chunk" }>, "output" | "finishes" | "text">;

const finish: About = { output: true, finishes: 1, text: 0 };

const chunk = (head: Fields, choice: Fields, about: About): StreamItem => ({
  kind: "chunk",
  json: JSON.stringify({ ...head, choices: [choice] }),
  ...about,
});
