/** The mock upstream: an OpenAI-shaped server on a raw socket, cheap enough not to be what is measured. Prints its port. */
import type { Socket } from "bun";
import { models, paceMs, slowMs } from "./wire.ts";

interface State {
  received: Buffer | null;
  unsent: Uint8Array | null;
  /** Events still to send on a paced stream. */
  left: number;
}

type Peer = Socket<State>;

const eventsPerStream = Number(process.argv[2] ?? "500");
const paced = new Set<Peer>();

const answer = json({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: "All is confusion in the house of the Oblonskys. ".repeat(12),
        refusal: null,
      },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 200, completion_tokens: 120, total_tokens: 320 },
});
const listing = json({ object: "list", data: [] });
const streamHead = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n",
);
// About 150 bytes as it travels, as a provider's are.
const event = chunk({ choices: [{ index: 0, delta: { content: "word " }, finish_reason: null }] });
const finish = chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const usage = chunk({
  choices: [],
  usage: { prompt_tokens: 200, completion_tokens: 120, total_tokens: 320 },
});
const done = framed("data: [DONE]\n\n");
const end = Buffer.from("0\r\n\r\n");
const burst = Buffer.concat([streamHead, event, event, event, event, event, finish, usage, done, end]);

function json(value: unknown): Uint8Array {
  const body = JSON.stringify(value);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

function framed(text: string): Buffer {
  return Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`);
}

function chunk(fields: object): Buffer {
  const head = { id: "bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "bench" };
  return framed(`data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
}

function write(peer: Peer, bytes: Uint8Array): void {
  const { data } = peer;
  if (data.unsent !== null) {
    data.unsent = Buffer.concat([data.unsent, bytes]);
    return;
  }
  const written = peer.write(bytes);
  if (written < bytes.length) data.unsent = bytes.subarray(Math.max(0, written));
}

/** The whole request, or null while bytes are missing. */
function complete(request: Buffer): boolean {
  const headEnd = request.indexOf("\r\n\r\n");
  if (headEnd === -1) return false;
  const head = request.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length:\s*(\d+)/i.exec(head);
  if (length !== null) return request.length >= headEnd + 4 + Number(length[1]);
  return /\r\ntransfer-encoding:\s*chunked/i.test(head)
    ? request.subarray(-5).toString("latin1") === "0\r\n\r\n"
    : true;
}

function serve(peer: Peer, request: Buffer): void {
  if (request[0] === 71 /* GET */) {
    const active = request.toString("latin1", 0, 12) === "GET /streams";
    write(peer, active ? json({ active: paced.size }) : listing);
    return;
  }
  const at = request.indexOf('"bench-') + 1;
  const model = request.toString("latin1", at, at + models.plain.length);
  if (model === models.paced) {
    peer.data.left = eventsPerStream;
    write(peer, streamHead);
    paced.add(peer);
  } else if (model === models.burst) {
    write(peer, burst);
  } else if (request.toString("latin1", at, at + models.slow.length) === models.slow) {
    setTimeout(() => write(peer, answer), slowMs);
  } else {
    write(peer, answer);
  }
}

setInterval(() => {
  for (const peer of paced) {
    write(peer, event);
    peer.data.left -= 1;
    if (peer.data.left > 0) continue;
    paced.delete(peer);
    for (const last of [finish, usage, done, end]) write(peer, last);
  }
}, paceMs);

const server = Bun.listen<State>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open: (peer) => {
      peer.data = { received: null, unsent: null, left: 0 };
    },
    data: (peer, bytes) => {
      const { data } = peer;
      const request = data.received === null ? bytes : Buffer.concat([data.received, bytes]);
      if (!complete(request)) {
        data.received = Buffer.from(request);
        return;
      }
      data.received = null;
      serve(peer, request);
    },
    drain: (peer) => {
      const rest = peer.data.unsent;
      peer.data.unsent = null;
      if (rest !== null) write(peer, rest);
    },
    close: (peer) => {
      paced.delete(peer);
    },
    error: (peer) => {
      paced.delete(peer);
    },
  },
});
console.log(server.port);
