/** A provider on loopback that does as it is told, request by request. */
export interface Upstream {
  readonly url: string;
  readonly port: number;
  /** Bodies and headers as they came, in order. */
  readonly requests: readonly Received[];
  /** Resolves when `count` of its connections were cut by the other end. */
  readonly aborted: () => number;
  readonly stop: () => Promise<void>;
}

export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly at: number;
}

/** What it does with one request; `undefined` answers well. */
export type Behaviour = (
  received: Received,
  index: number,
  signal: AbortSignal,
) => Response | Promise<Response> | undefined;

/** Starts it. */
export function startUpstream(behave: Behaviour = () => undefined): Upstream {
  const requests: Received[] = [];
  let aborted = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      const body = JSON.parse((await request.text()) || "{}");
      const received = {
        path: new URL(request.url).pathname + new URL(request.url).search,
        headers: request.headers,
        body,
        at: performance.now(),
      };
      requests.push(received);
      request.signal.addEventListener("abort", () => (aborted += 1));
      return (await behave(received, requests.length - 1, request.signal)) ?? answer(body);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    port: server.port ?? 0,
    requests,
    aborted: () => aborted,
    stop: () => server.stop(true),
  };
}

/** A good answer to whatever was asked, streamed where it was asked so. */
export function answer(body: Record<string, unknown>, text = "Hello there."): Response {
  return body["stream"] === true ? sse([...chunks(text), "[DONE]"]) : json(completion(text));
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });

export const completion = (text: string) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "upstream-1",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
});

const chunk = (delta: object, finish: string | null = null) =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "upstream-1",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

/** The events of a streamed answer: role, a piece a word, the finish, usage. */
export const chunks = (text: string): readonly string[] => [
  chunk({ role: "assistant", content: "" }),
  ...text.split(/(?<= )/).map((content) => chunk({ content })),
  chunk({}, "stop"),
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "upstream-1",
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  }),
];

/** A provider that answers everything with the beginning of a stream and then cuts the connection. */
export function startCutter(events: readonly string[]): { readonly url: string; readonly stop: () => void } {
  const body = events.map((event) => `data: ${event}\n\n`).join("");
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket) => {
        socket.write(`${head}${body.length.toString(16)}\r\n${body}\r\n`);
        setTimeout(() => socket.terminate(), 20);
      },
    },
  });
  return { url: `http://127.0.0.1:${server.port}/v1`, stop: () => server.stop(true) };
}

/** Sends events one by one, `everyMs` apart; then ends or hangs. */
export function sse(
  events: readonly string[],
  { everyMs = 0, end = "close" }: { everyMs?: number; end?: "close" | "hang" } = {},
): Response {
  const encoder = new TextEncoder();
  let index = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (everyMs > 0 && index > 0) await Bun.sleep(everyMs);
        const event = events[index++];
        if (event !== undefined) return controller.enqueue(encoder.encode(`data: ${event}\n\n`));
        if (end === "hang") await new Promise(() => {});
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}
