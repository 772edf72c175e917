import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Outcome } from "../../../src/simulate/scenario/case.ts";
import { completion } from "../../support/upstream.ts";

/** All providers at one loopback address, told apart by their paths, each following its script. */
export interface Scripted {
  readonly base: string;
  /** New scripts, and the size that answers tell of prompts. */
  readonly rehearse: (scripts: ReadonlyMap<string, readonly Outcome[]>, promptTokens: number) => void;
  readonly stop: () => void;
}

/** What each kind of failure looks like to a client of OpenAI; null: the connection is cut. */
const shapes: Readonly<
  Record<Exclude<Outcome["kind"], "ok" | "cancelled">, readonly [status: number, code: string] | null>
> = {
  rate_limited: [429, "rate_limit_exceeded"],
  overloaded: [503, "overloaded"],
  server: [500, "server_error"],
  timeout: [504, "timeout"],
  network: null,
  auth: [401, "invalid_api_key"],
  quota: [402, "insufficient_quota"],
  not_found: [404, "model_not_found"],
  malformed: [200, ""],
  context_window: [400, "context_length_exceeded"],
  content_policy: [400, "content_filter"],
  // Whatever the provider calls it, a script says nothing of it.
  bad_request: [400, ""],
};

/** Starts it. */
export async function startScripted(): Promise<Scripted> {
  let scripts: ReadonlyMap<string, readonly Outcome[]> = new Map();
  let promptTokens = 0;
  const taken = new Map<string, number>();
  const next = (provider: string): Outcome["kind"] | Outcome => {
    const position = taken.get(provider) ?? 0;
    taken.set(provider, position + 1);
    return scripts.get(provider)?.[position] ?? "ok";
  };
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    const outcome = next(request.url?.split("/")[1] ?? "");
    const { kind, retryAfterMs } =
      typeof outcome === "string" ? { kind: outcome, retryAfterMs: null } : outcome;
    if (kind === "ok" || kind === "cancelled") return answer(response, body.stream === true, promptTokens);
    const shape = shapes[kind];
    if (shape === null) return request.socket.destroy();
    const [status, code] = shape;
    const after = retryAfterMs === null ? {} : { "retry-after": String(retryAfterMs / 1_000) };
    response.writeHead(status, { "content-type": "application/json", ...after });
    response.end(
      status === 200
        ? "[]"
        : JSON.stringify({ error: { message: "scripted", code: code === "" ? null : code } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    base: `http://127.0.0.1:${port}`,
    rehearse: (to, tokens) => {
      scripts = to;
      promptTokens = tokens;
      taken.clear();
    },
    stop: () => void server.close(),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

function answer(response: ServerResponse, isStream: boolean, prompt: number): void {
  const usage = { prompt_tokens: prompt, completion_tokens: 10, total_tokens: prompt + 10 };
  if (!isStream) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...completion("ok"), usage }));
    return;
  }
  const chunk = (more: object) => {
    const head = { id: "c", object: "chat.completion.chunk", created: 1, model: "u" };
    return `data: ${JSON.stringify({ ...head, ...more })}\n\n`;
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(
    chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "ok" }, finish_reason: null }] }),
  );
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  response.end(`${chunk({ choices: [], usage })}data: [DONE]\n\n`);
}
