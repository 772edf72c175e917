import { connect } from "node:net";

/** What came back on one connection. */
export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the other end closed it; false when it was still open after `withinMs`. */
  readonly closed: boolean;
}

/** Sends bytes as they are, which no HTTP client would, and reads until the other end closes. */
export function sendRaw(port: number, bytes: string | Uint8Array, withinMs = 2_000): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let closed = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), withinMs);
    socket.on("data", (piece) => pieces.push(Buffer.from(piece)));
    socket.on("end", () => {
      closed = true;
    });
    socket.on("error", () => {
      closed = true;
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ ...parse(Buffer.concat(pieces).toString("latin1")), closed });
    });
  });
}

/** A request's head, and its body with the length that it has. */
export const rawRequest = (line: string, headers: readonly string[], body: string | null = null): string =>
  [
    `${line} HTTP/1.1`,
    ...headers,
    "Connection: close",
    ...(body === null ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    "",
    body ?? "",
  ].join("\r\n");

function parse(text: string): Omit<RawAnswer, "closed"> {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(0, end)).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
  const rest = end === -1 ? "" : text.slice(end + 4);
  // Behind "100 Continue" comes the answer itself.
  if (status === 100) return parse(rest);
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
  return { status, headers, body: rest };
}

/** Sends a large body piece by piece, as fast as it is taken, and reads the answer, which may come before the end. */
export function flood(
  port: number,
  line: string,
  headers: readonly string[],
  { mebibytes, chunked }: { readonly mebibytes: number; readonly chunked: boolean },
): Promise<RawAnswer> {
  const piece = Buffer.alloc(1_048_576, "x");
  const framed = chunked ? Buffer.concat([Buffer.from("100000\r\n"), piece, Buffer.from("\r\n")]) : piece;
  const length = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${mebibytes * piece.length}`;
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let left = mebibytes;
    const socket = connect(port, "127.0.0.1", () => {
      socket.write([`${line} HTTP/1.1`, ...headers, length, "", ""].join("\r\n"));
      pump();
    });
    const pump = (): void => {
      while (left-- > 0) if (!socket.write(framed)) return void socket.once("drain", pump);
    };
    const timer = setTimeout(() => socket.destroy(), 5_000);
    socket.on("data", (data) => {
      pieces.push(Buffer.from(data));
      const { headers: told, body } = parse(Buffer.concat(pieces).toString("latin1"));
      if (body.length > 0 && body.length === Number(told["content-length"])) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ ...parse(Buffer.concat(pieces).toString("latin1")), closed: true });
    });
  });
}
