import type { Received } from "../upstream.ts";
import { Complaint } from "./complaint.ts";
import type { Asked, Say, Turn } from "./turn.ts";

/** A provider's protocol, as strict as the provider itself. */
export interface Protocol {
  /** Of `base_url`, what comes after the host. */
  readonly basePath: string;
  /** Answers what is no request to the model; null leaves it to the others. */
  readonly aside?: (received: Received) => object | null;
  /** Reads a request, or throws a {@link Complaint} as the provider would answer it. */
  readonly read: (received: Received) => Asked;
  /** The JSON body of a whole answer. */
  readonly whole: (turn: Turn, asked: Asked) => unknown;
  /** The server-sent events of a streamed answer, as text. */
  readonly streamed: (turn: Turn, asked: Asked, received: Received) => string;
  /** The body of an error. */
  readonly error: (status: number, message: string, code: string | null) => unknown;
}

/** A strict provider on loopback. */
export interface StrictMock {
  /** What `base_url` has to be. */
  readonly url: string;
  readonly requests: readonly Received[];
  /** The requests that were taken, as every protocol would put them. */
  readonly asked: readonly Asked[];
  /** What it answered to requests that it did not take, since this was asked last. */
  readonly complaints: () => readonly string[];
  /** Answers the next request with a status, or with this stream on a 200, whatever it says. */
  readonly failNext: (failure: number | string) => void;
  readonly stop: () => Promise<void>;
}

/** Starts it. */
export function startStrict(protocol: Protocol, say: Say): StrictMock {
  const requests: Received[] = [];
  const asked: Asked[] = [];
  const complaints: string[] = [];
  const failures: (number | string)[] = [];
  const respond = (received: Received): Response => {
    const aside = protocol.aside?.(received) ?? null;
    if (aside !== null) return json(aside);
    const failure = failures.shift();
    if (typeof failure === "string") return inPieces(failure);
    if (failure !== undefined)
      return json(protocol.error(failure, "told to fail", null), failure, { "retry-after": "0" });
    const request = protocol.read(received);
    asked.push(request);
    const turn = say(request);
    return request.stream
      ? inPieces(protocol.streamed(turn, request, received))
      : json(protocol.whole(turn, request));
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      const received = await receive(request);
      requests.push(received);
      try {
        return respond(received);
      } catch (error) {
        const { message, status, code } =
          error instanceof Complaint ? error : new Complaint(`the mock broke: ${error}`, 418);
        complaints.push(message);
        return json(protocol.error(status, message, code), status);
      }
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}${protocol.basePath}`,
    requests,
    asked,
    complaints: () => complaints.splice(0),
    failNext: (failure) => void failures.push(failure),
    stop: () => server.stop(true),
  };
}

async function receive(request: Request): Promise<Received> {
  const url = new URL(request.url);
  const body: Record<string, unknown> = JSON.parse((await request.text()) || "{}");
  return { path: url.pathname + url.search, headers: request.headers, body, at: performance.now() };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

const sizes = [1, 197, 3, 509, 7, 61, 1021] as const;

/** A stream whose pieces end in the middle of lines, words and characters. */
function inPieces(text: string): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let turn = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (at >= bytes.length) return controller.close();
        const size = sizes[turn++ % sizes.length] ?? 1;
        controller.enqueue(bytes.subarray(at, at + size));
        at += size;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}
