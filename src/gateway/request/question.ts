import type { Endpoint } from "../../domain/endpoint.ts";
import type { Params } from "../../domain/snapshot.ts";
import { type Ask, type Asker, askOf } from "./ask.ts";

/** What a model is asked when nobody says what. */
export const usualQuestion = "Reply with the single word: ok";

/** Few, and yet enough for models that think first: with less, some refuse instead of stopping short. */
const answerTokens = 256;

const bodies: Readonly<Record<Endpoint, (text: string) => Params>> = {
  chat: (content) => ({ messages: [{ role: "user", content }], max_completion_tokens: answerTokens }),
  completions: (prompt) => ({ prompt, max_tokens: answerTokens }),
  embeddings: (input) => ({ input }),
};

/** The smallest request that shows whether a model answers. */
export function questionOf(
  endpoint: Endpoint,
  { model, text }: { readonly model: string; readonly text: string },
  asker: Asker,
): Ask {
  const value = { model, ...bodies[endpoint](text) };
  return askOf(endpoint, { text: JSON.stringify(value), value }, asker);
}
