import type { Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Failure } from "./failure.ts";
import type { Params, Provider } from "./snapshot.ts";
import type { Usage } from "./usage.ts";

/**
 * Translates one provider's wire format to and from OpenAI's.
 *
 * Pure: no I/O, no clock, no environment. To add a provider: one file, one line in the registry, one folder of fixtures.
 */
export interface Adapter {
  /** Whether it can serve an endpoint at all, given what the file says of the provider. */
  readonly serves: (endpoint: Endpoint, provider: Provider) => boolean;
  /** Whether it can stream an answer, where not always: else a whole one is fetched, and streamed by the gateway. */
  readonly streams?: (endpoint: Endpoint, provider: Provider) => boolean;
  /** The endpoint that a request goes to, where it may be another: parameters of the file are chosen for that one. */
  readonly speaks?: (request: Pick<UpstreamRequest, "endpoint" | "model" | "provider">) => Endpoint;
  /** The header that carries the credential when the file names none; `authorization` means Bearer. */
  readonly apiKeyHeader: string;
  /** Headers that the protocol wants on every call, by lower-case name; those of the file win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request in the provider's words; or one sentence why nothing faithful can be made of it. */
  readonly encode: (request: UpstreamRequest) => Result<EncodedRequest, string>;
  /** A whole answer, from the decoded JSON body of a 200. */
  readonly decode: (body: unknown, request: UpstreamRequest) => Decoded;
  /** The answer to any other status. `body` is text, at most 64 KiB of it; `request` is the call that it answers. */
  readonly decodeError: (
    status: number,
    body: string,
    headers: Headers,
    request?: UpstreamRequest,
  ) => Failure;
  /** A machine for one streamed answer. */
  readonly stream: (request: UpstreamRequest) => StreamMachine<unknown>;
}

/** What an adapter is given: the request after defaults and overrides, in OpenAI's shape. */
export interface UpstreamRequest {
  readonly endpoint: Endpoint;
  /** Every top-level field but `model`. */
  readonly params: Params;
  /** The upstream model. */
  readonly model: string;
  /** Whether the provider is to stream: the client wants it, and the adapter `streams`. */
  readonly stream: boolean;
  /** Whether the client asked for a usage chunk (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  readonly provider: Provider;
  /** When the attempt began, for protocols whose answers bear no time of their own. */
  readonly at: EpochMs;
}

/** What goes upstream. */
export interface EncodedRequest {
  /** Below `base_url`, beginning with `/`. */
  readonly path: string;
  /** Top-level fields of the JSON body. */
  readonly body: Params;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was dropped or changed because the provider cannot take it. */
  readonly losses: readonly Loss[];
}

/** Something that a request asks for and a provider cannot take. */
export interface Loss {
  /** The top-level field that it was in; only what the client itself asked for can be a reason to refuse. */
  readonly param: string;
  /** What was done to which field and why, as in `logit_bias dropped: Mistral does not know it`. Never a prompt. */
  readonly says: string;
}

/** A whole answer in OpenAI's shape, or why it is none. */
export type Decoded =
  | {
      readonly ok: true;
      /** The very object that came in when nothing had to be changed: its bytes are then passed through. */
      readonly body: unknown;
      readonly usage: Usage;
      /** What the provider calls the model. */
      readonly model: string | null;
    }
  | { readonly ok: false; readonly failure: Failure };

/**
 * A stream as a state machine. `step` sees one server-sent event and returns the next memory with what it means.
 * `memory` is plain data and is never changed in place, so that a machine can be replayed from any point.
 */
export interface StreamMachine<Memory> {
  readonly start: Memory;
  readonly step: (memory: Memory, event: SseEvent) => readonly [Memory, readonly StreamItem[]];
}

/** One server-sent event: its `event:` name (empty when unnamed) and its `data:` lines joined by newlines. */
export interface SseEvent {
  readonly name: string;
  readonly data: string;
}

/** What a streamed event means to an OpenAI client. */
export type StreamItem =
  /**
   * One chunk in OpenAI's shape, as JSON text (the provider's own bytes where nothing needs changing).
   * `output`: it bears content, reasoning, a refusal, a tool call or a finish reason. `finishes`: how many of its choices end.
   * `text`: characters of output, for billing what a cut stream delivered.
   */
  | {
      readonly kind: "chunk";
      readonly json: string;
      readonly output: boolean;
      readonly finishes: number;
      readonly text: number;
    }
  /** What the answer cost so far; later ones replace earlier ones. Never itself shown: the gateway writes the usage chunk. */
  | { readonly kind: "usage"; readonly usage: Usage; readonly json: unknown }
  /** The provider failed inside a 200. */
  | { readonly kind: "failure"; readonly failure: Failure }
  /** The protocol's own end marker. */
  | { readonly kind: "end" };
