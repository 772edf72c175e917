import { chat } from "../support/gateway.ts";

/** The same numbers every time: a failure can be looked at again. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
type Numbers = ReturnType<typeof numbers>;
/** One of them. */
export const pick = <T>(below: Numbers, from: readonly T[]): T => from[below(from.length)] as T;

/** A request with a bit of everything. */
export const full = {
  ...chat("chat"),
  messages: [
    { role: "system", content: "Be brief.", name: "s" },
    {
      role: "user",
      content: [
        { type: "text", text: "H\u00e9llo \ud83d\ude00" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "a", content: "1" },
  ],
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 50,
  n: 1,
  user: "u",
  response_format: { type: "json_object" },
  stop: ["\n"],
  logit_bias: { "1": 1 },
};
const nasty: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  "",
  "x".repeat(5_000),
  "\0",
  "\ud800",
  "__proto__",
  "constructor",
  "chat",
  "secret",
  "../x",
  [],
  [[]],
  [null],
  {},
  { a: {} },
  { constructor: 1 },
  { toJSON: 1 },
  { length: -1 },
  [[[[[[]]]]]],
  Array.from({ length: 300 }, () => "x"),
];
const names = [
  "model",
  "messages",
  "role",
  "content",
  "stream",
  "__proto__",
  "constructor",
  "toString",
  "",
  "n",
  "max_tokens",
  "input",
  "prompt",
  "api_base",
  "base_url",
  "x".repeat(300),
];

/** Replaces, adds or removes something somewhere in it. */
export function changed(below: Numbers, value: unknown): unknown {
  if (typeof value !== "object" || value === null || below(4) === 0) return pick(below, nasty);
  const entries = Object.entries(value);
  const at = below(entries.length + 1);
  const [name, inner] = entries[at] ?? [pick(below, names), pick(below, nasty)];
  const others = entries.filter((_, index) => index !== at);
  if (below(6) === 0)
    return Array.isArray(value) ? others.map(([, item]) => item) : Object.fromEntries(others);
  const all = [...others, [name, changed(below, inner)] as const];
  return Array.isArray(value) ? all.map(([, item]) => item) : Object.fromEntries(all);
}

const shards = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ",",
  ":",
  "NaN",
  "1e999",
  "\\u0000",
  "\\ud800",
  "\0",
  "\u2028",
  "//",
  "/*",
  "'",
  "0x1",
  "-",
  '"model":"secret",',
  '"stream":true,',
  '"__proto__":{},',
  "[[[[[[[[[[".repeat(8),
  "\ufeff",
  "\r\n",
];

/** Deletes, repeats, inserts and flips somewhere in a text. */
export function torn(below: Numbers, text: string): Buffer<ArrayBuffer> {
  let bytes: Buffer<ArrayBuffer> = Buffer.from(text);
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(bytes.length + 1);
    const upTo = Math.min(bytes.length, at + below(12));
    const kind = below(4);
    const middle =
      kind === 0
        ? ""
        : kind === 1
          ? pick(below, shards)
          : kind === 2
            ? Buffer.concat([bytes.subarray(at, upTo), bytes.subarray(at, upTo)])
            : Buffer.from([below(256)]);
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(middle as string),
      bytes.subarray(kind === 1 ? at : upTo),
    ]);
  }
  return bytes;
}
