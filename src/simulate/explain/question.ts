import type { Share } from "../../core/units.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import type { RouteRequest } from "../../domain/route.ts";
import type { ClientKey, Params } from "../../domain/snapshot.ts";
import { keyChance, userChance, userHashOf } from "../../gateway/request/sticky.ts";
import type { Saying } from "../../gateway/upstream/translate.ts";
import { endpointOf } from "../scenario/ask.ts";
import type { World } from "../world.ts";
import type { Script } from "./fault.ts";

/** A request that might be made, and what becomes of its attempts. */
export interface Question {
  /** The name asked for; null: the request names none. */
  readonly model: string | null;
  /** The id of a key; null: somebody whom no key rule restricts. */
  readonly key: string | null;
  /** The end user. */
  readonly user: string | null;
  /** Of the prompt. */
  readonly tokens: number;
  readonly maxTokens: number | null;
  readonly stream: boolean;
  /** Null: what the model seems to be for. */
  readonly endpoint: Endpoint | null;
  readonly script: Script;
  readonly chance: Share;
}

/** A prompt of this many tokens is assumed where nothing is said of it. */
export const usualTokens = 10;

/** The request as routing knows it, and as it goes to a provider: with a prompt that only stands for one. */
export function asked(
  { snapshot, clock }: World,
  question: Question,
  key: ClientKey | null,
): { readonly request: RouteRequest; readonly saying: Saying } {
  const { model, user, tokens, maxTokens, chance } = question;
  const endpoint = question.endpoint ?? endpointOf(snapshot, model);
  const isEmbedding = endpoint === "embeddings";
  const stream = question.stream && !isEmbedding;
  // As from one address, which is what stands for a client without a key.
  const ofKey = keyChance(key?.id ?? "127.0.0.1");
  const isNamed = user !== null && snapshot.attribution.user.length > 0;
  return {
    request: {
      model,
      endpoint,
      stream,
      key,
      // As long as tokens are before anything is learned.
      textBytes: tokens * 4,
      maxTokens: isEmbedding ? 0 : maxTokens,
      n: 1,
      chance,
      stickyChance: { key: ofKey, user: isNamed ? userChance(userHashOf(user)) : ofKey },
      arrivedAt: clock.now(),
    },
    saying: { endpoint, params: paramsOf(endpoint, { stream, maxTokens }), stream, includeUsage: false },
  };
}

const substance: Readonly<Record<Endpoint, Params>> = {
  chat: { messages: [{ role: "user", content: "…" }] },
  completions: { prompt: "…" },
  embeddings: { input: "…" },
};

const paramsOf = (
  endpoint: Endpoint,
  { stream, maxTokens }: Pick<Question, "stream" | "maxTokens">,
): Params => ({
  ...substance[endpoint],
  ...(maxTokens === null || endpoint === "embeddings" ? {} : { max_tokens: maxTokens }),
  ...(stream ? { stream: true } : {}),
});
