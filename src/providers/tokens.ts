import cl100k from "js-tiktoken/ranks/cl100k_base";
import o200k from "js-tiktoken/ranks/o200k_base";
import { err, ok, type Result } from "../core/result.ts";

/** Base64 of each token's bytes, by its number. */
type Vocabulary = ReadonlyMap<number, string>;

const encodings = { cl100k_base: cl100k, o200k_base: o200k } as const;
type Encoding = keyof typeof encodings;

/** Read when the first tokens come: most gateways never see any. */
const read = new Map<Encoding, Vocabulary>();

/** Models since GPT-4o; embeddings and what came before count in `cl100k_base`, as do clients that do not know the model. */
const countsInO200k = /(?:^|[/:])(?:chatgpt-4o|gpt-4o|gpt-4\.|gpt-5|gpt-6|gpt-oss|o\d)/;

const utf8 = new TextDecoder();

/**
 * The text of OpenAI's tokens, for providers that take none; or one sentence why there is none. A character that is cut at an
 * end of the tokens becomes U+FFFD.
 *
 * https://platform.openai.com/docs/api-reference/embeddings/create#embeddings-create-input
 */
export function decodeTokens(tokens: readonly unknown[], model: string): Result<string, string> {
  const encoding: Encoding = countsInO200k.test(model) ? "o200k_base" : "cl100k_base";
  const vocabulary = vocabularyOf(encoding);
  const pieces: Uint8Array[] = [];
  for (const token of tokens) {
    const piece = typeof token === "number" ? vocabulary.get(token) : undefined;
    if (piece === undefined) return err(`${JSON.stringify(token)} is no token of ${encoding}`);
    pieces.push(Uint8Array.fromBase64(piece));
  }
  return ok(utf8.decode(joined(pieces)));
}

/**
 * An input or a prompt with text for tokens, in the same form: a text for one token array, a list of texts for several. The very
 * value where it has none.
 */
export function decodeInput(input: unknown, model: string): Result<unknown, string> {
  if (!Array.isArray(input) || !input.some((item) => typeof item === "number" || Array.isArray(item)))
    return ok(input);
  if (!Array.isArray(input[0])) return decodeTokens(input, model);
  const texts: unknown[] = [];
  for (const item of input) {
    const text = Array.isArray(item) ? decodeTokens(item, model) : ok(item);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return ok(texts);
}

function vocabularyOf(encoding: Encoding): Vocabulary {
  const known = read.get(encoding);
  if (known !== undefined) return known;
  const { bpe_ranks: ranks, special_tokens: special } = encodings[encoding];
  const vocabulary = new Map<number, string>();
  // Each line is a mark, the number of its first token, and the tokens from there on.
  for (const line of ranks.split("\n")) {
    const [, first, ...tokens] = line.split(" ");
    for (const [at, token] of tokens.entries()) vocabulary.set(Number(first) + at, token);
  }
  for (const [text, token] of Object.entries(special)) vocabulary.set(token, btoa(text));
  read.set(encoding, vocabulary);
  return vocabulary;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, { byteLength }) => size + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
