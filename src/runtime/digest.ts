import { createHash } from "node:crypto";

/** SHA-256 of a text (as UTF-8) or of bytes. */
export const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest();

/** SHA-256 in lower-case hex. */
export const sha256Hex = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

/** A number in [0, 1) that is the same for the same text and tells nothing of it. */
export const chanceOf = (text: string): number => sha256(text).readUIntBE(0, 6) / 2 ** 48;
