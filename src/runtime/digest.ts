/** SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256(data: string | Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  Bun.SHA256.hash(data, digest);
  return digest;
}

/** SHA-256 in lower-case hex. */
export const sha256Hex = (data: string | Uint8Array): string => Bun.SHA256.hash(data, "hex");

/** A number in [0, 1) that is the same for the same text and tells nothing of it. */
export const chanceOf = (text: string): number => Number.parseInt(sha256Hex(text).slice(0, 12), 16) / 2 ** 48;
