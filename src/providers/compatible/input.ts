import { decodeInput } from "../tokens.ts";

/** Puts text for tokens into an embeddings request, for a server that takes text alone; or says why there is none. */
export function putTextInput(body: Map<string, unknown>, model: string): string | null {
  const input = body.get("input");
  const decoded = decodeInput(input, model);
  if (!decoded.ok) return `input: ${decoded.error}`;
  if (decoded.value !== input) body.set("input", decoded.value);
  return null;
}
