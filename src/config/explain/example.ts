/** What a diagnostic means, and a pair of configurations: one that yields just it, and the same put right. */
export interface Explanation {
  /** What was found, in one sentence. */
  readonly says: string;
  readonly bad: Example;
  readonly good: Example;
}

/**
 * A configuration: the text of routes.yaml, or of several files by name, the root first. `<0xFF>` stands for that byte, and
 * `<0x23 × 1048576>` for so many of them.
 */
export type Example = string | Readonly<Record<string, string>>;

/** An example's files, the root first. */
export const filesOf = (example: Example): readonly (readonly [name: string, text: string])[] =>
  typeof example === "string" ? [["routes.yaml", example]] : Object.entries(example);

/** An example's text as bytes. */
export function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  const pieces = text.split(/(<0x[0-9A-F]{2}(?: × \d+)?>)/).flatMap((piece) => {
    const [, byte, times = "1"] = /^<0x([0-9A-F]{2})(?: × (\d+))?>$/.exec(piece) ?? [];
    return byte === undefined
      ? [encoder.encode(piece)]
      : [new Uint8Array(Number(times)).fill(Number.parseInt(byte, 16))];
  });
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Lines of a file. */
export const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
/** A root file: its first line, and others. */
export const file = (...others: readonly string[]): string => lines("version: 1", ...others);

/** The smallest provider: built in, no network, no key. */
export const demo = ["providers:", "  demo: { kind: simulated }"];
/** The smallest model. */
export const chat = ["models:", "  chat: { targets: [demo/demo] }"];
/** The smallest configuration. */
export const least = file(...demo, ...chat);
