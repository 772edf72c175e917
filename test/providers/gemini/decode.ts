import type { Failure } from "../../../src/domain/failure.ts";
import type { Params } from "../../../src/domain/snapshot.ts";
import type { Usage } from "../../../src/domain/usage.ts";
import { adapterOf } from "../../../src/providers/registry.ts";
import { expectWellFormed } from "../../fixtures/schemas.ts";
import { hasFixtures, upstream } from "../fixtures.ts";
import { runStream } from "../joined.ts";

/** A part of an answer, a candidate of it, the answer. */
export const part = (text: string, more: object = {}) => ({ text, ...more });
export const call = (name: string, args: object, more: object = {}) => ({
  functionCall: { name, args },
  ...more,
});
export const candidate = (parts: readonly object[], finishReason?: string, more: object = {}) => ({
  content: { role: "model", parts },
  ...(finishReason === undefined ? {} : { finishReason }),
  index: 0,
  ...more,
});
export const answer = (candidates: readonly object[], more: object = {}) => ({
  candidates,
  responseId: "r1",
  modelVersion: "gemini-x",
  ...more,
});

/** A composed choice, as far as tests look at it. */
export interface Choice {
  readonly index: number;
  readonly finish_reason: string | null;
  readonly logprobs: unknown;
  readonly message: Readonly<Record<string, unknown>>;
  readonly delta: Readonly<Record<string, unknown>>;
}

interface Body {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage?: unknown;
}

const gemini = () => {
  const adapter = adapterOf("gemini");
  if (adapter === null) throw new Error("gemini has no adapter");
  return adapter;
};

/** Reads a whole answer; throws where it is none. */
export function read(body: unknown, params: Params = {}): { readonly body: Body; readonly usage: Usage } {
  const decoded = gemini().decode(body, upstream("gemini", params));
  if (!decoded.ok) throw new Error(decoded.failure.message);
  if (hasFixtures) expectWellFormed("CreateChatCompletionResponse", decoded.body);
  return { body: decoded.body as Body, usage: decoded.usage };
}

/** Its only choice. */
export function readOne(body: unknown, params: Params = {}): Choice {
  const [choice] = read(body, params).body.choices;
  if (choice === undefined) throw new Error("no choice");
  return choice;
}

/** The failure that an answer is; throws where it is none. */
export function failureOf(body: unknown): Failure {
  const decoded = gemini().decode(body, upstream("gemini", {}));
  if (decoded.ok) throw new Error("it is an answer");
  return decoded.failure;
}

/** What a stream of events comes to. */
export interface Streamed {
  readonly choices: readonly Choice[];
  readonly ids: ReadonlySet<string>;
  readonly failures: readonly Failure[];
  readonly usages: readonly unknown[];
  readonly finishes: number;
  readonly ends: number;
}

/** Reads events as they would come over the wire. */
export function readEvents(events: readonly unknown[], params: Params = {}): Streamed {
  const text = events
    .map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\r\n\r\n`)
    .join("");
  const items = runStream(
    gemini(),
    upstream("gemini", params, { stream: true }),
    new TextEncoder().encode(text),
  );
  const bodies = items.flatMap((item) => (item.kind === "chunk" ? [JSON.parse(item.json) as Body] : []));
  if (hasFixtures) for (const body of bodies) expectWellFormed("CreateChatCompletionStreamResponse", body);
  return {
    choices: bodies.flatMap(({ choices }) => choices),
    ids: new Set(bodies.map(({ id }) => id)),
    failures: items.flatMap((item) => (item.kind === "failure" ? [item.failure] : [])),
    usages: items.flatMap((item) => (item.kind === "usage" ? [item.json] : [])),
    finishes: items.reduce((sum, item) => sum + (item.kind === "chunk" ? item.finishes : 0), 0),
    ends: items.filter((item) => item.kind === "end").length,
  };
}
