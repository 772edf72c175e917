import { err, ok, type Result } from "../../core/result.ts";

/** How the end of a body is known: RFC 9112 §6.3. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/** The status line and header fields of a response. */
export interface ResponseHead {
  readonly status: number;
  /** Name in lower case, value, name, value … in the order they came. */
  readonly fields: readonly string[];
  readonly framing: Framing;
  /** Whether the connection may bear another exchange once this one has ended cleanly. */
  readonly reusable: boolean;
  /** What the server promised in `keep-alive: timeout=`, null when nothing. */
  readonly keepAliveMs: number | null;
  /** The value of `content-encoding`, lower case; null when absent. */
  readonly contentEncoding: string | null;
}

/** More header fields than any provider sends; Bun's own fetch gives up near here. */
export const maxFields = 256;

/**
 * Reads a response head, given without its last empty line. Stricter than RFC 9112 asks of a client: what two readers
 * might understand differently (folded lines, bare CR or LF, two lengths) is refused.
 */
export function parseHead(text: string): Result<ResponseHead, string> {
  const lineEnd = text.indexOf("\r\n");
  const statusLine = lineEnd === -1 ? text : text.slice(0, lineEnd);
  const matched = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine);
  if (matched === null) return err("the status line is not HTTP/1.1");
  const fields = lineEnd === -1 ? ok([]) : parseFields(text, lineEnd + 2);
  if (!fields.ok) return fields;
  return headOf(Number(matched[2]), matched[1] === "1", fields.value);
}

/** Reads header or trailer fields from `at` to the end of `text`, lines parted by CRLF. */
export function parseFields(text: string, at: number): Result<string[], string> {
  const fields: string[] = [];
  for (let from = at; from < text.length; ) {
    const next = text.indexOf("\r\n", from);
    const to = next === -1 ? text.length : next;
    const colon = text.indexOf(":", from);
    if (colon === -1 || colon > to) return err("a header line has no colon");
    const name = knownName(text.slice(from, colon));
    if (name === null) return err("a header name holds a character that HTTP does not allow");
    const value = trimmed(text, colon + 1, to);
    if (badValue.test(value)) return err("a header value holds a control character");
    if (fields.push(name, value) > 2 * maxFields) return err(`more than ${maxFields} header fields`);
    from = to + 2;
  }
  return ok(fields);
}

/** Space and tab only: `trim` would also take bytes of UTF-8 letters, and the CR that must be refused. */
function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** What can never stand in a value read as Latin-1: controls but the tab, RFC 9110 §5.5. */
const badValue = /[^\t\x20-\x7e\x80-\xff]/;
const goodName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const names = new Map<string, string>();
const maxNames = 1024;
const maxKnownLength = 64;

/** Servers repeat themselves: a name is checked and lowered once. */
function knownName(raw: string): string | null {
  const known = names.get(raw);
  if (known !== undefined) return known;
  if (!goodName.test(raw)) return null;
  const name = raw.toLowerCase();
  if (names.size < maxNames && raw.length <= maxKnownLength) names.set(raw, name);
  return name;
}

function headOf(status: number, http11: boolean, fields: readonly string[]): Result<ResponseHead, string> {
  let length: number | null = null;
  let transfer: string | null = null;
  let connection = "";
  let keepAliveMs: number | null = null;
  let contentEncoding: string | null = null;
  for (let i = 0; i < fields.length; i += 2) {
    const value = fields[i + 1] ?? "";
    switch (fields[i]) {
      case "content-length": {
        const bytes = parseLength(value);
        if (bytes === null) return err("content-length is not a number");
        if (length !== null && length !== bytes) return err("two different content-length");
        length = bytes;
        break;
      }
      case "transfer-encoding":
        transfer = transfer === null ? value.toLowerCase() : `${transfer}, ${value}`;
        break;
      case "connection":
        connection += `,${value.toLowerCase()}`;
        break;
      case "keep-alive":
        keepAliveMs = parseKeepAlive(value);
        break;
      case "content-encoding":
        contentEncoding = contentEncoding === null ? value.toLowerCase() : `${contentEncoding}, ${value}`;
        break;
    }
  }
  const framing = framingOf(status, http11, length, transfer);
  if (!framing.ok) return framing;
  const persists = http11 ? !hasToken(connection, "close") : hasToken(connection, "keep-alive");
  const reusable = persists && framing.value.kind !== "close";
  return ok({ status, fields, framing: framing.value, reusable, keepAliveMs, contentEncoding });
}

function framingOf(
  status: number,
  http11: boolean,
  length: number | null,
  transfer: string | null,
): Result<Framing, string> {
  if (transfer !== null && length !== null) return err("both content-length and transfer-encoding");
  if (transfer !== null && (!http11 || transfer !== "chunked"))
    return err("a transfer-encoding other than chunked");
  if (status < 200 || status === 204 || status === 304 || length === 0) return ok(none);
  if (transfer !== null) return ok(chunked);
  return ok(length === null ? close : { kind: "length", bytes: length });
}

const none: Framing = { kind: "none" };
const chunked: Framing = { kind: "chunked" };
const close: Framing = { kind: "close" };

/** Digits; a list of equal ones, as RFC 9110 §8.6 allows, is one. */
function parseLength(value: string): number | null {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  const parts = value.split(",").map((part) => part.trim());
  const first = parts[0] ?? "";
  return parts.length > 1 && parts.every((part) => part === first) ? parseLength(first) : null;
}

function parseKeepAlive(value: string): number | null {
  const seconds = /(?:^|[,;\s])timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function hasToken(list: string, token: string): boolean {
  return list !== "" && list.split(",").some((part) => part.trim() === token);
}
