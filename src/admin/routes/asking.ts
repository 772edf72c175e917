import type { FailureKind } from "../../domain/failure.ts";
import type { Explanation } from "../../simulate/explain.ts";

/** What the form holds; texts as they are typed. */
export interface Asking {
  readonly model: string;
  /** Empty: somebody whom no key rule restricts. */
  readonly key: string;
  readonly user: string;
  readonly tokens: string;
  readonly maxTokens: string;
  readonly stream: boolean;
  /** Empty: what the model seems to be for. */
  readonly endpoint: "" | "chat" | "completions" | "embeddings";
  readonly seed: string;
  readonly failing: readonly { readonly provider: string; readonly kind: FailureKind }[];
}

/** A plain request for a model. */
export const plain = (model: string): Asking => ({
  ...{ model, key: "", user: "", tokens: "1000", maxTokens: "", stream: false, endpoint: "", seed: "0" },
  failing: [],
});

/** What can be called, and how that is said. */
export const endpoints: readonly (readonly [Asking["endpoint"], string])[] = [
  ["", "as the model is for"],
  ["chat", "chat"],
  ["completions", "completions"],
  ["embeddings", "embeddings"],
];

/** The kinds of failures that can be tried, the commonest first. */
export const failures: readonly FailureKind[] = [
  ...(["server", "overloaded", "rate_limited", "timeout", "network", "auth", "quota"] as const),
  ...(["not_found", "malformed", "context_window", "content_policy", "bad_request"] as const),
];

/** The body of `/admin/api/explain`; what is not said is left out. */
export function bodyOf({ model, key, user, tokens, maxTokens, stream, endpoint, seed, failing }: Asking) {
  return {
    model,
    stream,
    ...(key === "" ? {} : { key }),
    ...(user.trim() === "" ? {} : { user }),
    ...numberIn("tokens", tokens),
    ...numberIn("max_tokens", maxTokens),
    ...numberIn("seed", seed),
    ...(endpoint === "" ? {} : { endpoint }),
    fail: Object.fromEntries(failing.map(({ provider, kind }) => [provider, kind])),
  };
}

/** A text that is none is sent as it is: the gateway says what it has to be. */
const numberIn = (name: string, text: string): object =>
  text.trim() === "" ? {} : { [name]: Number.isNaN(Number(text)) ? text : Number(text) };

/** What came of it, in a sentence. */
export function saidOf(answer: Explanation): string {
  const { status, code, provider, upstream, model, fallback_from: from, attempts } = answer;
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  if (provider === null) return `${status} ${code ?? ""}: nobody answers, after ${tries}.`;
  const instead = from === null ? "" : ` as ${model}, instead of ${from}`;
  return `${status}: ${provider}/${upstream} answers${instead}, in ${tries}.`;
}
