import { err, ok, type Result } from "../../core/result.ts";
import type { TransportRequest } from "../transport.ts";

/** A request as it goes over the wire: one piece, or two where joining them would copy a large body. */
export type Message = readonly [string | Uint8Array] | readonly [string | Uint8Array, Uint8Array];

/** Bodies of bytes up to here are joined to the head: one copy is cheaper than a second write and packet. */
const maxJoinedBytes = 256 * 1024;

/**
 * Writes a request: `host` by the URL, names in punycode and default ports left out, as every URL has them.
 * A header that would break out of its line is refused, and its value not shown.
 */
export function writeRequest(request: TransportRequest): Result<Message, string> {
  const { method, url, headers, body } = request;
  const known = written.get(headers);
  if (known !== undefined && known.url === url && known.method === method)
    return ok(messageOf(known.head, body, method));
  const head = headOf(request);
  if (!head.ok) return head;
  written.set(headers, { url, method, head: head.value });
  return ok(messageOf(head.value, body, method));
}

/** Heads by the very object of their headers: who calls often with the same one has it written once. */
const written = new WeakMap<
  TransportRequest["headers"],
  { readonly url: URL; readonly method: string; readonly head: string }
>();

/** Everything but the length of the body. */
function headOf({ method, url, headers }: TransportRequest): Result<string, string> {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n`;
  if (headers["accept-encoding"] === undefined) head += "accept-encoding: identity\r\n";
  for (const name in headers) {
    if (ownHeaders.has(name)) continue;
    const value = headers[name] ?? "";
    if (badValue.test(value))
      return err(`the value of header ${printable(name)} holds a character that HTTP does not allow`);
    if (!goodName.test(name)) return err(`${printable(name)} is not a header name`);
    head += `${name}: ${value}\r\n`;
  }
  return ok(head);
}

/** What frames the message and its hops is the transport's own, whoever asks. */
const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

const goodName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** As the platform's `Headers`: Latin-1, no control characters but the tab. */
const badValue = /[^\t\x20-\x7e\x80-\xff]/;
const beyondAscii = /[\x80-\xff]/;

function messageOf(fields: string, body: string | Uint8Array | null, method: string): Message {
  const length =
    body === null
      ? method === "POST"
        ? "content-length: 0\r\n"
        : ""
      : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${fields}${length}\r\n`;
  const latin = beyondAscii.test(head);
  if (body === null) return [latin ? Buffer.from(head, "latin1") : head];
  // A string is written as UTF-8, which is right for the body, and for the head as long as it is ASCII.
  if (typeof body === "string")
    return [latin ? Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body)]) : head + body];
  const bytes = Buffer.from(head, "latin1");
  return body.byteLength <= maxJoinedBytes ? [Buffer.concat([bytes, body])] : [bytes, body];
}

const printable = (name: string): string => JSON.stringify(name.slice(0, 64));
