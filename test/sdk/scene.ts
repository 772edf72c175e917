import { expect } from "bun:test";
import { expectWellFormed } from "../fixtures/schemas.ts";
import { hasFixtures } from "../providers/fixtures.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { type StrictMock, startStrict } from "../support/strict/mock.ts";
import { protocols, type StrictKind } from "../support/strict/protocols.ts";
import type { Say } from "../support/strict/turn.ts";

/** The public models of a scene: each is served by a strict provider of one kind, under one upstream model. */
export const models = {
  openai: { kind: "openai", model: "gpt-4o-mini" },
  "openai-reasoning": { kind: "openai", model: "gpt-5-mini" },
  anthropic: { kind: "anthropic", model: "claude-sonnet-4-5" },
  "anthropic-old": { kind: "anthropic", model: "claude-3-5-haiku-20241022" },
  "anthropic-new": { kind: "anthropic", model: "claude-opus-4-7" },
  gemini: { kind: "gemini", model: "gemini-3-pro-preview" },
  "gemini-old": { kind: "gemini", model: "gemini-2.5-flash" },
  mistral: { kind: "mistral", model: "mistral-large-latest" },
  qwen: { kind: "qwen", model: "qwen-plus" },
  request: { kind: "request", model: "gpt-4o-mini" },
} as const satisfies Record<string, { readonly kind: StrictKind; readonly model: string }>;

/** One key of {@link models}. */
export type Model = keyof typeof models;

export const modelNames = Object.keys(models) as readonly Model[];

/** A gateway between clients and strict providers. */
export interface Scene {
  readonly gateway: Running;
  readonly baseUrl: string;
  readonly mocks: Readonly<Record<StrictKind, StrictMock>>;
  /** For clients to ask with: what they are answered is kept for {@link Scene.check}. */
  readonly fetch: typeof fetch;
  /** Fails on any complaint of a provider, and on any answer since the last check that is not as OpenAI's schema has it. */
  readonly check: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const names = Object.keys(protocols) as readonly StrictKind[];

/** Starts it. `more` is added to the routes, to speak of the models or of the providers, which bear their kind's name. */
export async function startScene(say: Say, more: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const started = names.map((kind) => [kind, startStrict(protocols[kind](), say)] as const);
  const mocks = Object.fromEntries(started) as Record<StrictKind, StrictMock>;
  const gateway = await startGateway(routes(mocks, more), { env: { MOCK_KEY: "secret", MOCK_USER: "ann" } });
  const answers: Promise<Answer>[] = [];
  const listening = async (...asked: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...asked);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    answers.push(
      response
        .clone()
        .text()
        .then((text) => ({ ok: response.ok, isStream, text })),
    );
    return response;
  };
  return {
    gateway,
    baseUrl: `${gateway.url}/v1`,
    mocks,
    fetch: Object.assign(listening, { preconnect: fetch.preconnect }),
    check: async () => {
      const heard = await Promise.all(answers.splice(0));
      for (const [kind, mock] of started) expect(mock.complaints(), kind).toEqual([]);
      expectRequests(mocks.openai);
      for (const answer of heard) expectAnswer(answer);
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all(started.map(([, mock]) => mock.stop()));
    },
  };
}

function routes(
  mocks: Readonly<Record<StrictKind, StrictMock>>,
  more: Readonly<Record<string, unknown>>,
): string {
  const providers = Object.fromEntries(
    names.map((kind) => [kind, { kind, base_url: mocks[kind].url, ...credentials(kind, mocks[kind].url) }]),
  );
  const each = Object.fromEntries(
    modelNames.map((name) => {
      const { kind, model } = models[name];
      return [name, { targets: [{ provider: kind, model }] }];
    }),
  );
  const { models: moreModels = {}, ...sections } = more;
  return Object.entries({ providers, models: { ...each, ...(moreModels as object) }, ...sections })
    .map(([section, value]) => `${section}: ${JSON.stringify(value)}\n`)
    .join("");
}

const credentials = (kind: StrictKind, url: string): object =>
  kind === "request"
    ? {
        login: {
          url: `${url}/login`,
          body: { user: "env:MOCK_USER", pass: "env:MOCK_KEY" },
          token: "/data/access_token",
        },
      }
    : { api_key: "env:MOCK_KEY" };

interface Answer {
  readonly ok: boolean;
  readonly isStream: boolean;
  readonly text: string;
}

function expectAnswer({ ok, isStream, text }: Answer): void {
  if (!isStream) {
    expectSchema(ok ? "CreateChatCompletionResponse" : "ErrorResponse", JSON.parse(text));
    return;
  }
  const events = text.split("\n\n").slice(0, -1);
  expect(events.at(-1)).toBe("data: [DONE]");
  for (const event of events.slice(0, -1))
    expectSchema("CreateChatCompletionStreamResponse", JSON.parse(event.slice("data: ".length)));
}

const seen = new WeakSet<object>();

function expectRequests({ requests }: StrictMock): void {
  for (const { body } of requests) {
    if (seen.has(body)) continue;
    seen.add(body);
    expectSchema("CreateChatCompletionRequest", body);
  }
}

function expectSchema(name: string, body: unknown): void {
  if (hasFixtures) expectWellFormed(name, body);
}
