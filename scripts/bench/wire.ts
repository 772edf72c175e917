/** A request body of the given size, and the bytes of an HTTP/1.1 request around it. */

/** What the mock upstream does with a request depends on the model it names, which survives every gateway. */
export const models = {
  /** One JSON answer at once. */
  plain: "bench-plain",
  /** One JSON answer after {@link slowMs}. */
  slow: "bench-slow",
  /** One event each {@link paceMs}. */
  paced: "bench-paced",
  /** Five events at once. */
  burst: "bench-burst",
} as const;

/** One of {@link models}. */
export type Model = (typeof models)[keyof typeof models];

/** How long the slow model thinks. */
export const slowMs = 500;
/** Time between two events of a paced stream. */
export const paceMs = 10;

/** A chat request whose JSON is about `size` bytes long. */
export function chatBody(model: Model, size: number): string {
  const stream = model === models.paced || model === models.burst;
  const body = (content: string) =>
    JSON.stringify({
      model,
      messages: [
        { role: "system", content: "You are a helpful assistant." },
        { role: "user", content },
      ],
      temperature: 0.7,
      max_tokens: 256,
      ...(stream ? { stream: true } : {}),
    });
  const words = "All happy families are alike; each unhappy family is unhappy in its own way. ";
  const missing = Math.max(0, size - body("").length);
  return body(words.repeat(Math.ceil(missing / words.length)).slice(0, missing));
}

/** A complete POST for a keep-alive connection. */
export function postBytes(url: URL, headers: Readonly<Record<string, string>>, body: string): Uint8Array {
  const all = {
    host: url.host,
    "content-type": "application/json",
    ...headers,
    "content-length": `${Buffer.byteLength(body)}`,
  };
  return Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${headerLines(all)}\r\n${body}`);
}

/** A complete GET for a keep-alive connection. */
export function getBytes(url: URL, headers: Readonly<Record<string, string>> = {}): Uint8Array {
  return Buffer.from(`GET ${url.pathname} HTTP/1.1\r\n${headerLines({ host: url.host, ...headers })}\r\n`);
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** The load must never leave this machine: anything but a loopback address is a bug in the caller. */
export function assertLoopback(hostname: string): void {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (!/^127(\.\d{1,3}){3}$/.test(bare) && bare !== "::1" && bare !== "localhost") {
    throw new Error(`${hostname} is not a loopback address; the benchmark runs against this machine only`);
  }
}
