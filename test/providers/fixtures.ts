import { existsSync, readFileSync } from "node:fs";
import type { UpstreamRequest } from "../../src/domain/adapter.ts";
import type { Endpoint } from "../../src/domain/endpoint.ts";
import type { ProviderKind } from "../../src/domain/provider_kind.ts";
import type { Params, Provider, Simulation } from "../../src/domain/snapshot.ts";

const root = new URL("../../../shared/fixtures/", import.meta.url);

/** Whether the recordings are there at all. */
export const hasFixtures = existsSync(new URL("INDEX.json", root));

/** One recorded exchange and what it has to become, as its README says. */
export interface Fixture {
  readonly id: string;
  readonly provider: string;
  readonly client_endpoint: string;
  readonly streaming: boolean;
  readonly http_status: number;
  readonly upstream_model: string | null;
  readonly files: { readonly response: string };
  readonly expected: Expected;
}

export interface Expected {
  readonly kind: string;
  readonly model?: string | null;
  readonly choices?: readonly ExpectedChoice[];
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly stream_error?: { readonly message: string };
  /** What the provider itself gave as the reason of the end; null where it gave none. */
  readonly upstream_stop?: string | null;
  readonly http_status_accept?: readonly number[];
  readonly message_contains?: string;
  readonly upstream_type?: string | null;
  readonly upstream_code?: string | number | null;
  readonly count?: number;
  readonly encoding?: string;
  readonly dimensions?: number | null;
  readonly first_values?: readonly (string | readonly number[])[];
}

export interface ExpectedChoice {
  readonly index: number;
  readonly finish_reason: string | null;
  readonly finish_reason_accept?: readonly (string | null)[];
  /** An error of the gateway is as good as this choice, which says nothing. */
  readonly accept_error_instead?: boolean;
  /** Why the prompt was refused. */
  readonly block_reason?: string;
  readonly content?: string | null;
  readonly text?: string;
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly logprobs_count?: number;
  readonly has_audio?: boolean;
  readonly annotations_count?: number;
  readonly function_call?: { readonly name: string; readonly arguments: unknown };
  readonly tool_calls?: readonly {
    readonly id?: string | null;
    readonly name: string;
    readonly arguments: unknown;
  }[];
}

/** Folder of fixtures, and the kind that speaks its format. One without an adapter yet has no tests yet. */
export const folders: Readonly<Record<string, ProviderKind>> = {
  openai: "openai",
  "openai-compatible": "openai",
  mistral: "mistral",
  dashscope: "qwen",
  anthropic: "anthropic",
  gemini: "gemini",
};

/** Whether an error is as good as the answer: one that says nothing, or that is none. */
export const acceptsError = ({ kind, choices = [] }: Expected): boolean =>
  kind === "malformed-upstream" ||
  (choices.length > 0 && choices.every((choice) => choice.accept_error_instead === true));

/** The recorded exchanges of one folder, those of `GET /v1/models` left out: adapters do not list models. */
export function fixturesOf(folder: string): readonly Fixture[] {
  if (!hasFixtures) return [];
  const { entries } = JSON.parse(readFileSync(new URL("INDEX.json", root), "utf8")) as {
    entries: readonly Fixture[];
  };
  return entries.filter((entry) => entry.provider === folder && entry.expected.kind !== "list");
}

/** A recorded answer, byte for byte. */
export const responseOf = (fixture: Fixture): Uint8Array =>
  readFileSync(new URL(fixture.files.response, root));

/** The JSON Schema of an answer. */
export const openaiSchema = (name: string): object =>
  JSON.parse(readFileSync(new URL(`openai-schemas/${name}.json`, root), "utf8")) as object;

/** The endpoint that a client used. */
export function endpointOf({ client_endpoint: path }: Pick<Fixture, "client_endpoint">): Endpoint {
  if (path.endsWith("/embeddings")) return "embeddings";
  return path.endsWith("/chat/completions") ? "chat" : "completions";
}

/** A provider with nothing special about it. */
export const provider = (kind: ProviderKind, more: Partial<Provider> = {}): Provider => ({
  name: kind,
  kind,
  baseUrl: "",
  query: {},
  pool: [],
  apiKeyHeader: null,
  optional: false,
  enabled: true,
  limits: [],
  headers: {},
  tags: [],
  unsupported: "warn",
  defaults: {},
  overrides: {},
  timeouts: {},
  facts: [],
  simulation: null,
  service: null,
  at: { file: "routes.yaml", line: 1, column: 1 },
  ...more,
});

/** A request to one kind. */
export const upstream = (
  kind: ProviderKind,
  params: Params,
  more: Partial<UpstreamRequest> & { readonly simulation?: Simulation } = {},
): UpstreamRequest => {
  const { simulation = null, ...rest } = more;
  return {
    endpoint: "chat",
    params,
    model: "some-model",
    stream: params["stream"] === true,
    includeUsage: false,
    provider: provider(kind, { simulation }),
    at: 1_767_225_600_000,
    ...rest,
  };
};
