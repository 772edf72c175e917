import { type Fields, withFields } from "./fields.ts";

const bytesPerValue = 4;

/** A vector as OpenAI's `encoding_format: base64` has it: four little-endian bytes for each value, rounded to float32. */
export function toBase64(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(values.length * bytesPerValue));
  for (let at = 0; at < values.length; at++) view.setFloat32(at * bytesPerValue, values[at] ?? 0, true);
  return new Uint8Array(view.buffer).toBase64();
}

/** The vector in a base64 text; null when the text is no base64, or no whole number of float32 values. */
export function fromBase64(text: string): readonly number[] | null {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
  if (bytes.byteLength === 0 || bytes.byteLength % bytesPerValue !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / bytesPerValue }, (_, at) =>
    view.getFloat32(at * bytesPerValue, true),
  );
}

/**
 * An item of an embeddings answer in the encoding that the client asked for; the very object where it already is. Only an
 * explicit `float` is taken at its word: servers that answer base64 unasked may pack other numbers than float32 into it.
 *
 * https://platform.openai.com/docs/api-reference/embeddings/create#embeddings-create-encoding_format
 */
export function inEncoding(item: Fields, format: unknown): Fields {
  const { embedding } = item;
  if (format === "base64" && isVector(embedding)) return withFields(item, { embedding: toBase64(embedding) });
  if (format !== "float" || typeof embedding !== "string") return item;
  return withFields(item, { embedding: fromBase64(embedding) ?? embedding });
}

const isVector = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "number");
