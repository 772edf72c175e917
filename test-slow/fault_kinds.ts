import { gzipSync } from "node:zlib";
import { answering, type OnRequest, type Peer } from "../test/runtime/http1/raw_server.ts";
import { chunks, completion } from "../test/support/upstream.ts";

/** What a client may see: an answer; an error with a status; a stream that ends with an error event. */
export type Seen = "fine" | "fails" | "breaks";
/** What a provider does, and what a client is to see of it. */
export interface Fault {
  /** Alone, not streamed and streamed. Before a good target whatever `fails` is saved. */
  readonly whole: Seen;
  readonly stream: Seen;
  readonly act: (stream: boolean) => OnRequest;
}

const words = chunks("one two three four five six");
const event = (data: string) => `data: ${data}\n\n`;
const whole = JSON.stringify(completion("one two three four five six"));
/** A whole stream, as events. */
export const streamed = [...words, "[DONE]"].map(event).join("");
const begun = words.slice(0, 4).map(event).join("");
const bodyOf = (stream: boolean) => (stream ? streamed : whole);
const partOf = (stream: boolean) => (stream ? begun : whole.slice(0, 40));
const typeOf = (stream: boolean) => `content-type: ${stream ? "text/event-stream" : "application/json"}\r\n`;
/** The head of an answer with status 200. */
export const head = (stream: boolean, more: string) => `HTTP/1.1 200 OK\r\n${typeOf(stream)}${more}\r\n`;
/** A header line. */
export const chunked = "transfer-encoding: chunked\r\n";
/** One chunk of a chunked body. */
export const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const sized = (status: string, body: string, more = "") =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
const json = (value: unknown) => (stream: boolean) =>
  answering(head(stream, `content-length: ${JSON.stringify(value).length}\r\n`) + JSON.stringify(value));
const status =
  (line: string, more = "") =>
  () =>
    answering(sized(line, JSON.stringify({ error: { message: "no", type: "server_error" } }), more));
const fails = (act: Fault["act"]): Fault => ({ whole: "fails", stream: "fails", act });
const breaks = (act: Fault["act"]): Fault => ({ whole: "fails", stream: "breaks", act });
const fine = (act: Fault["act"]): Fault => ({ whole: "fine", stream: "fine", act });

/** Writes one piece after the other, a moment apart. */
const dripping =
  (pieces: readonly string[], everyMs: number): OnRequest =>
  ({ socket }: Peer) => {
    const left = [...pieces];
    const timer = setInterval(() => {
      const piece = left.shift();
      if (piece === undefined || socket.write(piece) < 0) clearInterval(timer);
    }, everyMs);
  };
const gzipped = (stream: boolean, cut: number) =>
  answering(
    head(stream, `content-encoding: gzip\r\nconnection: close\r\n`) +
      gzipSync(bodyOf(stream)).subarray(0, cut).toString("latin1"),
    "close",
  );

/** Every fault, by name. */
export const faults: Readonly<Record<string, Fault>> = {
  reset: fails(() => answering("", "reset")),
  closed: fails(() => answering("", "close")),
  hang: fails(() => answering("")),
  header_drip: fails((stream) => dripping([...head(stream, chunked)], 60)),
  header_cut: fails((stream) => answering(head(stream, chunked).slice(0, 30), "close")),
  header_only: fails((stream) => answering(head(stream, chunked))),
  header_then_reset: fails((stream) => answering(head(stream, chunked), "reset")),
  hang_midway: breaks((stream) => answering(head(stream, chunked) + chunk(partOf(stream)))),
  length_short: breaks((stream) =>
    answering(`${head(stream, `content-length: ${bodyOf(stream).length}\r\n`)}${partOf(stream)}`, "close"),
  ),
  chunk_fin: breaks((stream) => answering(head(stream, chunked) + chunk(partOf(stream)), "close")),
  chunk_reset: breaks((stream) => ({ socket }) => {
    socket.write(head(stream, chunked) + chunk(partOf(stream)));
    setTimeout(() => socket.terminate(), 30);
  }),
  chunk_half: breaks((stream) =>
    answering(`${head(stream, chunked)}${chunk(partOf(stream))}ff\r\nhalf`, "close"),
  ),
  chunk_bad_later: breaks((stream) => ({ socket }) => {
    socket.write(head(stream, chunked) + chunk(partOf(stream)));
    setTimeout(() => socket.write("zz\r\n"), 30);
  }),
  chunk_bad_first: fails((stream) => answering(`${head(stream, chunked)}zz\r\n${bodyOf(stream)}`)),
  eof: breaks((stream) => answering(head(stream, "connection: close\r\n") + partOf(stream), "close")),
  eof_reset: breaks((stream) => ({ socket }) => {
    socket.write(head(stream, "connection: close\r\n") + partOf(stream));
    setTimeout(() => socket.terminate(), 30);
  }),
  clean_end_early: breaks((stream) => answering(`${head(stream, chunked)}${chunk(partOf(stream))}0\r\n\r\n`)),
  broken_frame: breaks((stream) =>
    answering(`${head(stream, chunked)}${chunk(`${partOf(stream)}${event('{"choices":[')}`)}0\r\n\r\n`),
  ),
  error_midway: breaks((stream) =>
    answering(
      `${head(stream, chunked)}${chunk(`${partOf(stream)}${event('{"error":{"message":"boom"}}')}`)}0\r\n\r\n`,
    ),
  ),
  error_first: fails((stream) => json({ error: { message: "boom" } })(stream)),
  error_event_first: fails((stream) => {
    const text = stream
      ? event(words[0] ?? "") + event('{"error":{"message":"boom"}}')
      : '{"error":{"message":"boom"}}';
    return answering(`${head(stream, chunked)}${chunk(text)}0\r\n\r\n`);
  }),
  only_done: fails((stream) =>
    answering(`${head(stream, chunked)}${chunk(stream ? event("[DONE]") : "{}")}0\r\n\r\n`),
  ),
  huge_event: {
    whole: "fine",
    stream: "breaks",
    act: (stream) =>
      stream ? hugeAfter(begun) : answering(head(false, `content-length: ${whole.length}\r\n`) + whole),
  },
  garbage: fails(() => answering("SSH-2.0-OpenSSH_9.6\r\n", "close")),
  many_headers: fails((stream) =>
    answering(`${head(stream, "x-a: b\r\n".repeat(5_000))}${bodyOf(stream)}`, "close"),
  ),
  endless_headers: fails(() => ({ socket }) => {
    const timer = setInterval(() => {
      if (socket.write(`x-a: ${"b".repeat(1_000)}\r\n`.repeat(20)) < 0) clearInterval(timer);
    }, 5);
    socket.write("HTTP/1.1 200 OK\r\n");
  }),
  empty: fails((stream) => answering(head(stream, "content-length: 0\r\n"))),
  html: fails(() =>
    answering("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"),
  ),
  null_body: fails(json(null)),
  list_body: fails(json([])),
  empty_object: fails(json({})),
  gzip_cut: fails((stream) => gzipped(stream, 20)),
  no_content: fails(() => answering("HTTP/1.1 204 No Content\r\n\r\n")),
  redirect: fails(() =>
    answering("HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
  ),
  s401: fails(status("401 Unauthorized")),
  s402: fails(status("402 Payment Required")),
  s403: fails(status("403 Forbidden")),
  s404: fails(status("404 Not Found")),
  s408: fails(status("408 Request Timeout")),
  s429: fails(status("429 Too Many Requests")),
  s429_hour: fails(status("429 Too Many Requests", "retry-after: 3600\r\n")),
  s500: fails(status("500 Internal Server Error")),
  s502: fails(status("502 Bad Gateway")),
  s503: fails(status("503 Service Unavailable")),
  s504: fails(status("504 Gateway Timeout")),
  s529: fails(status("529 Overloaded")),
  s200_cut_error: fails(() => answering("HTTP/1.1 500 E\r\ncontent-length: 100\r\n\r\nshort", "close")),
  continue_first: fine((stream) =>
    answering(
      `HTTP/1.1 100 Continue\r\n\r\n${head(stream, `content-length: ${bodyOf(stream).length}\r\n`)}${bodyOf(stream)}`,
    ),
  ),
  junk_after: fine((stream) =>
    answering(
      `${head(stream, `content-length: ${bodyOf(stream).length}\r\n`)}${bodyOf(stream)}HTTP/1.1 200 OK\r\n\r\nevil`,
    ),
  ),
  byte_by_byte: fine((stream) =>
    dripping([head(stream, chunked), ...split(bodyOf(stream), 40).map(chunk), "0\r\n\r\n"], 1),
  ),
  no_done: fine((stream) => {
    const text = stream ? words.map(event).join("") : whole;
    return answering(`${head(stream, chunked)}${chunk(text)}0\r\n\r\n`);
  }),
  reset_after_done: fine((stream) => ({ socket }) => {
    socket.write(`${head(stream, chunked)}${chunk(bodyOf(stream))}${stream ? "" : "0\r\n\r\n"}`);
    setTimeout(() => socket.terminate(), 20);
  }),
};

/** In pieces of `size` characters. */
export const split = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );

function hugeAfter(first: string): OnRequest {
  return ({ socket }) => {
    const huge = Buffer.from(`data: ${"x".repeat(5 * 1024 * 1024)}`);
    socket.write(`${head(true, "connection: close\r\n")}${first}`);
    let sent = 0;
    const more = () => {
      while (sent < huge.length) {
        const written = socket.write(huge.subarray(sent));
        if (written <= 0) return;
        sent += written;
      }
    };
    socket.data.onDrain = more;
    more();
  };
}
