import {
  type Transport,
  TransportError,
  type TransportRequest,
  type TransportResponse,
} from "./transport.ts";

/**
 * The platform's fetch behind the narrow door.
 *
 * fetch does not show a connection being made, so `connectMs` cannot be kept here: the caller's own clocks bound it.
 * Nor does it show whether a connection was used before, or which bytes left. So no request is known to be unprocessed
 * after a reset and none is repeated here; a GET on a stale connection the platform repeats by itself.
 * It follows `http_proxy` of the environment, as every fetch of the platform does.
 */
export function fetchTransport(): Transport {
  return { send, close: () => undefined };
}

async function send(request: TransportRequest): Promise<TransportResponse> {
  const { signal } = request;
  if (signal.aborted) throw new TransportError("aborted", "the exchange was aborted", false);
  const options = optionsOf(request);
  try {
    const response = await fetch(request.url, options);
    return opened(response, signal);
  } catch (error) {
    throw transportErrorOf(error, signal, false);
  }
}

function optionsOf(request: TransportRequest): RequestInit {
  const headers = new Headers();
  try {
    if (request.headers["accept-encoding"] === undefined) headers.set("accept-encoding", "identity");
    for (const name in request.headers) {
      if (!ownHeaders.has(name)) headers.set(name, request.headers[name] ?? "");
    }
  } catch {
    // Never the platform's own message: it quotes the value.
    throw new TransportError(
      "malformed",
      "a request header holds a character that HTTP does not allow",
      false,
    );
  }
  const { method, signal } = request;
  // The platform's type refuses bytes in shared memory, which no request of ours has.
  const body = request.body as BodyInit | null;
  return { method, headers, body, signal, redirect: "manual" };
}

const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
]);

function opened(response: Response, signal: AbortSignal): TransportResponse {
  const reader = response.body?.getReader() ?? null;
  const read = async (): Promise<Uint8Array | null> => {
    if (reader === null) return null;
    try {
      const { done, value } = await reader.read();
      return done ? null : value;
    } catch (error) {
      throw transportErrorOf(error, signal, true);
    }
  };
  const cancel = (): void => {
    // A body that has failed already rejects once more; its reader has been told.
    reader?.cancel().catch(() => undefined);
  };
  return { status: response.status, headers: response.headers, read, cancel };
}

/** What an error of the platform's fetch means; `answered` once the head of the answer is there. */
function transportErrorOf(error: unknown, signal: AbortSignal, answered: boolean): TransportError {
  if (error instanceof TransportError) return error;
  if (signal.aborted) return new TransportError("aborted", "the exchange was aborted", true);
  const code = codeOf(error);
  const kind = kindOf(code);
  if (kind === "malformed") return new TransportError(kind, `the answer is not valid HTTP (${code})`, true);
  if (kind === "reset" || answered)
    return new TransportError("reset", `the connection was cut (${code})`, true);
  return new TransportError(kind, `${unreached[kind]} (${code})`, false);
}

/** The code of an error of the platform, or its name: never its message, which may quote the request. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** The kind of a failure by the platform's code for it; whatever is unknown is a cut connection. */
export function kindOf(code: string): "refused" | "dns" | "tls" | "reset" | "malformed" {
  if (refusedCodes.test(code)) return "refused";
  if (dnsCodes.test(code)) return "dns";
  if (malformedCodes.test(code)) return "malformed";
  return tlsCodes.test(code) ? "tls" : "reset";
}

const unreached = {
  refused: "the connection was refused",
  dns: "the host name cannot be resolved",
  tls: "the TLS handshake failed",
} as const;

const refusedCodes =
  /^(ECONNREFUSED|ConnectionRefused|FailedToOpenSocket|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/;
const dnsCodes = /^(ENOTFOUND|ENODATA|EAI_[A-Z]+|DNS_[A-Z_]+)$/;
const malformedCodes =
  /^(Malformed_HTTP|Invalid(HTTP|Content|Chunk)|Zlib|Brotli|Zstd|.*Decompression|HPE_|.*HeadersOversized|UnexpectedRedirect)/;
const tlsCodes =
  /^(EPROTO$|ERR_(TLS|SSL)_|UNABLE_TO_|.*CERT|.*CRL|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE|NON_CA)|PATH_LENGTH|SUBTREE|TLS)/;
