import {
  type AnswerTemplate,
  type Login,
  openAiPlaces,
  type Service,
  type Templates,
} from "../../domain/service.ts";
import { namesIn } from "../../providers/request/template.ts";
import { isReference, secretRef } from "../references.ts";
import type { ProviderText } from "../schema/provider.ts";
import type { Making } from "./making.ts";
import { valuesFor } from "./values.ts";

const cacheMs = 8 * 3_600_000;

/** What a private service needs beyond what every provider has. */
export const makeService = (making: Making, text: ProviderText): Service => ({
  login: makeLogin(making, text) ?? makeShortLogin(making, text),
  templates: makeTemplates(making, text),
});

/** A credential is written in one place only: the second of two is reported. */
export function checkCredentials({ places, report }: Making, text: ProviderText): void {
  const written = (["api_key", "token", "login", "auth_url"] as const)
    .filter((key) => text[key] !== undefined)
    .map((key) => ({ key, at: places.key(text, key) }))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  const [first, ...others] = written;
  if (first === undefined) return;
  const { file, line, column } = first.at;
  for (const { key, at } of others) {
    const message = `"${key}" and "${first.key}" both say what the provider's credential is; keep one of them.`;
    report("duplicate_key", at, message, { related: [{ file, line, column, message: "The other one." }] });
  }
}

function makeLogin(making: Making, { login }: ProviderText): Login | null {
  if (login === undefined) return null;
  const { url, body = {}, token = null, expires_in: expiresIn = null, cache } = login;
  const refs = Object.entries(body).map(([field, written]) => [
    field,
    secretRef(written, making.places.value(body, field)),
  ]);
  return {
    url,
    body: Object.fromEntries(refs),
    token,
    expiresIn,
    cacheMs: cache === undefined ? cacheMs : valuesFor(making).duration(login, "cache", cache),
  };
}

/** `auth_url`, `username`, `password` and `token_cache_hours`: the same login in fewer words. */
function makeShortLogin(making: Making, text: ProviderText): Login | null {
  checkShortLogin(making, text);
  const { auth_url: url, username, password, token_cache_hours: hours } = text;
  if (url === undefined || username === undefined || password === undefined) return null;
  const ref = (key: "username" | "password", written: string) =>
    secretRef(written, making.places.value(text, key));
  return {
    url,
    body: {
      username: isReference(username) ? ref("username", username) : username,
      password: ref("password", password),
    },
    token: null,
    expiresIn: null,
    cacheMs:
      hours === undefined ? cacheMs : valuesFor(making).count(text, "token_cache_hours", hours) * 3_600_000,
  };
}

function checkShortLogin({ places, report }: Making, text: ProviderText): void {
  if (text.auth_url === undefined) {
    for (const key of ["username", "password", "token_cache_hours"] as const) {
      if (text[key] === undefined) continue;
      const message = `"${key}" is a part of the short login, which needs "auth_url" beside it.`;
      report("missing_key", places.key(text, key), message);
    }
    return;
  }
  const missing = (["username", "password"] as const).filter((key) => !places.has(text, key));
  if (missing.length === 0) return;
  const message = `The short login lacks ${missing.join(" and ")}; "login" takes any other body.`;
  report("missing_key", places.key(text, "auth_url"), message);
}

/** What the file does not place is where OpenAI has it. */
function makeTemplates(making: Making, { request, answer, stream }: ProviderText): Templates | null {
  if (request === undefined && answer === undefined && stream === undefined) return null;
  const { places, report } = making;
  const { path = openAiPlaces.path, body = null } = request ?? {};
  const names = namesIn(body);
  if (request !== undefined && body !== null && !carriers.some((name) => names.has(name))) {
    const message = `This template sends no prompt; ${carriers.map((name) => `$${name}`).join(", ")}: one of them must stand in it.`;
    report("out_of_range", places.value(request, "body"), message);
  }
  return {
    path,
    body,
    answer: answer === undefined ? null : makeAnswer(answer),
    stream: stream === undefined ? null : { ...openAiPlaces.stream, ...stream },
  };
}

/** Names that bring a prompt along. */
const carriers = ["messages", "prompt", "last_user"];

function makeAnswer(said: NonNullable<ProviderText["answer"]>): AnswerTemplate {
  const usual = openAiPlaces.answer;
  return {
    text: said.text ?? usual.text,
    promptTokens: said.prompt_tokens ?? usual.promptTokens,
    completionTokens: said.completion_tokens ?? usual.completionTokens,
    error: said.error ?? usual.error,
  };
}
