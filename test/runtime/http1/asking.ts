import type { TransportRequest, TransportResponse } from "../../../src/runtime/transport.ts";
import { type Transport, TransportError } from "../../../src/runtime/transport.ts";

/** A POST to `url`, unless said otherwise. */
export const post = (url: URL, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json" },
  body: '{"a":1}',
  signal: new AbortController().signal,
  connectMs: 5_000,
  ...more,
});

/** The whole body as text. */
export async function textOf(response: TransportResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let piece = await response.read(); piece !== null; piece = await response.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Sends and reads to the end. */
export async function ask(
  transport: Transport,
  request: TransportRequest,
): Promise<{ status: number; text: string }> {
  const response = await transport.send(request);
  return { status: response.status, text: await textOf(response) };
}

/** How an exchange failed; anything but a `TransportError` is a bug and thrown on. */
export async function failureOf(
  outcome: Promise<unknown>,
): Promise<{ kind: TransportError["kind"]; reached: boolean; message: string }> {
  try {
    await outcome;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { kind: error.kind, reached: error.reached, message: error.message };
  }
  throw new Error("nothing failed");
}
