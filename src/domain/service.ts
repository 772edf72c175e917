import type { DurationMs } from "../core/units.ts";
import { type SecretRef, showRef } from "./secret_ref.ts";

/** What the file says of a private service beyond its address. */
export interface Service {
  /** How a token is fetched; null: there is a fixed one, or none. */
  readonly login: Login | null;
  /** How the service speaks; null: as OpenAI does. */
  readonly templates: Templates | null;
}

/** A POST of a JSON body whose answer holds a token. */
export interface Login {
  /** Absolute, http or https. */
  readonly url: string;
  /** Fields of the body. Only what the file does not take for a secret, as a user's name, is there as text. */
  readonly body: Readonly<Record<string, SecretRef | string>>;
  /** JSON pointer to the token in the answer; null: the usual places are tried. */
  readonly token: string | null;
  /** JSON pointer to the token's lifetime; null: the usual places are tried. */
  readonly expiresIn: string | null;
  /** How long a token is used at most. */
  readonly cacheMs: DurationMs;
}

/** What goes where in a service's own words. */
export interface Templates {
  /** Below base_url; `{model}` stands for the upstream model. */
  readonly path: string;
  /** The JSON body, `$name` standing for what the request says; null: OpenAI's. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Null: whole answers are OpenAI's. */
  readonly answer: AnswerTemplate | null;
  /** Null: the service streams as OpenAI does, or not at all. */
  readonly stream: StreamTemplate | null;
}

/** JSON pointers into a whole answer. */
export interface AnswerTemplate {
  readonly text: string;
  readonly promptTokens: string;
  readonly completionTokens: string;
  /** To what is there only when the service failed; null: the usual places are tried. */
  readonly error: string | null;
}

/** How the events of a stream are read. */
export interface StreamTemplate {
  /** JSON pointer to a piece of the answer's text. */
  readonly text: string;
  /** The data of the event that ends a stream. */
  readonly done: string;
}

/** Where OpenAI has what a template does not place. https://platform.openai.com/docs/api-reference/chat */
export const openAiPlaces = {
  path: "/chat/completions",
  answer: {
    text: "/choices/0/message/content",
    promptTokens: "/usage/prompt_tokens",
    completionTokens: "/usage/completion_tokens",
    error: null,
  },
  stream: { text: "/choices/0/delta/content", done: "[DONE]" },
} as const satisfies Pick<Templates, "path" | "answer" | "stream">;

/** The secrets that a login sends. */
export const refsOf = (login: Login): readonly SecretRef[] =>
  Object.values(login.body).filter((value) => typeof value !== "string");

/** A login by everything that it does, its secrets by reference: two that are alike get the same token. */
export function loginName({ url, body, token, expiresIn, cacheMs }: Login): string {
  const fields = Object.entries(body).map(([name, value]) => [
    name,
    typeof value === "string" ? { text: value } : showRef(value),
  ]);
  return JSON.stringify([
    url,
    fields.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    token,
    expiresIn,
    cacheMs,
  ]);
}
