import { Secret, scrub } from "../../core/secret.ts";
import { type TraceContext, traceHeaders } from "../../core/trace_context.ts";
import type { EpochMs } from "../../core/units.ts";
import type { Adapter, EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Try } from "../../domain/route.ts";
import type { Params, Provider } from "../../domain/snapshot.ts";
import { spliceBody } from "../../openai/splice.ts";
import { retryAfter } from "../../resilience/retry_after.ts";
import type { Transport, TransportResponse } from "../../runtime/transport.ts";
import type { HeaderFields } from "../response/headers.ts";
import { addressOf, changesOf } from "./address.ts";
import type { Patience } from "./patience.ts";

/** What every call bears. */
export const fixedHeaders = {
  "content-type": "application/json",
  "accept-encoding": "identity",
  "user-agent": "switchyard",
} as const;
/** Of an error's body; more tells nothing more. */
const maxErrorBytes = 64 * 1024;
/** Of a whole answer. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** One call to a provider. */
export interface Call {
  readonly decision: Try;
  readonly adapter: Adapter;
  readonly upstream: UpstreamRequest;
  readonly encoded: EncodedRequest;
  readonly credential: Secret | null;
  /** Where the caller stands in a trace; null where nobody traces. */
  readonly trace: TraceContext | null;
  /** The client's body, as text and parsed, so that only what changed is written anew. */
  readonly original: { readonly text: string; readonly body: Params };
}

/** An answer, its body still to be read, and the call as it was sent; or why there is none. */
export type Opened =
  | { readonly ok: true; readonly response: TransportResponse; readonly call: Call }
  | { readonly ok: false; readonly failure: Failure };

/** Sends the call and looks at the head of the answer. */
export async function open(
  call: Call,
  transport: Transport,
  patience: Patience,
  now: () => EpochMs,
): Promise<Opened> {
  const { decision, adapter, encoded, upstream } = call;
  const { provider } = decision.target;
  try {
    const response = await transport.send({
      method: "POST",
      url: addressOf(provider, upstream.model, encoded.path),
      headers: headersOf(call),
      body: bodyOf(call),
      signal: patience.signal,
      connectMs: decision.timeouts.connect,
    });
    if (isAnswer(response.status, provider)) return { ok: true, response, call };
    const text = scrub((await readText(response, maxErrorBytes, true)) ?? "", secretsOf(call));
    const said = adapter.decodeError(response.status, text, response.headers, upstream);
    return { ok: false, failure: finished(said, response, call, now()) };
  } catch (error) {
    return { ok: false, failure: patience.failureOf(error) };
  }
}

/** Frameworks that private services are written in answer a POST with 201, unless they are told otherwise. */
const isAnswer = (status: number, { kind }: Provider): boolean =>
  status === 200 || (status === 201 && kind === "request");

/** The whole body as text; null when it is over the bound, unless `cut` accepts its beginning. */
export async function readText(
  response: TransportResponse,
  maxBytes = maxAnswerBytes,
  cut = false,
): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = await response.read();
    if (piece === null) break;
    pieces.push(piece);
    size += piece.byteLength;
    if (size <= maxBytes) continue;
    response.cancel();
    if (!cut) return null;
    break;
  }
  return utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
}

const utf8 = new TextDecoder();

/** What an adapter cannot know: how long to stay away, from the headers, and which text must not be shown. */
export function finished(said: Failure, response: TransportResponse, call: Call, now: EpochMs): Failure {
  const retryAfterMs = said.retryAfterMs ?? retryAfter(response.headers, now);
  const secrets = secretsOf(call);
  const clean = (text: string | null) => (text === null ? null : scrub(text, secrets));
  const { code, type, param } = said;
  return {
    ...said,
    retryAfterMs,
    message: scrub(said.message, secrets),
    ...{ code: clean(code), type: clean(type), param: clean(param) },
  };
}

/** Shorter values of headers name a tenant or a format, and are met in any text. */
const shortestHeaderSecret = 8;

/** What a provider was told in confidence: the credential, and the headers of the file, which may hold another. */
export function secretsOf({
  credential,
  decision,
}: Pick<Call, "credential" | "decision">): readonly Secret[] {
  const headers = Object.values(decision.target.provider.headers)
    .map((value) => value.replace(/^Bearer +/i, ""))
    .filter((value) => value.length >= shortestHeaderSecret)
    .map((value) => new Secret(value));
  return credential === null ? headers : [credential, ...headers];
}

/** A provider's headers change with its credential alone: one set for whole answers and one for streams is remembered. */
const remembered = new WeakMap<
  Provider,
  Map<boolean, { readonly credential: Secret | null; readonly headers: HeaderFields }>
>();

function headersOf(call: Call): HeaderFields {
  const { decision, encoded, credential, upstream } = call;
  const { provider } = decision.target;
  if (encoded.headers !== undefined || call.trace !== null) {
    return {
      ...writeHeaders(call),
      ...encoded.headers,
      ...(call.trace === null ? {} : traceHeaders(call.trace)),
    };
  }
  const sets = remembered.get(provider) ?? new Map();
  remembered.set(provider, sets);
  const known = sets.get(upstream.stream);
  if (known !== undefined && known.credential === credential) return known.headers;
  const headers = writeHeaders(call);
  sets.set(upstream.stream, { credential, headers });
  return headers;
}

function writeHeaders({ adapter, decision, credential, upstream }: Call): HeaderFields {
  const { provider } = decision.target;
  const headers: HeaderFields = {
    ...fixedHeaders,
    ...adapter.headers,
    accept: upstream.stream ? "text/event-stream" : "application/json",
  };
  for (const [name, value] of Object.entries(provider.headers)) headers[name.toLowerCase()] = value;
  if (credential === null) return headers;
  const header = provider.apiKeyHeader ?? adapter.apiKeyHeader;
  headers[header] = header === "authorization" ? `Bearer ${credential.reveal()}` : credential.reveal();
  return headers;
}

function bodyOf({ original, encoded }: Call): string {
  const changes = changesOf(original.body, encoded.body);
  return spliceBody(original.text, original.body, encoded.body, changes);
}
