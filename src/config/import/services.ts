import type { Entry } from "../tree.ts";
import { addressOf } from "./address.ts";
import { noteSecret } from "./credentials.ts";
import { type Json, type JsonObject, modelOf, present } from "./draft.ts";
import { noteName, readAliases } from "./gateway_models.ts";
import { readHeaders } from "./headers.ts";
import type { Item } from "./items.ts";
import type { Scope } from "./scope.ts";
import { readTarget } from "./target.ts";
import { nameOf, numberOf, pick, textOf } from "./values.ts";
import { variableIn, variableName } from "./variables.ts";

/** A private service behind a token login: each becomes a provider of kind request, and a model that it serves. */
export function readService(item: Item, scope: Scope): void {
  const { notes, draft, modelNames, providerNames } = scope;
  const { name: original, holder, at } = item;
  if (original === null) return;
  const [provider, name] = [providerNames.of(original), modelNames.of(original)];
  const reach = readReach(item, provider, scope);
  if (reach === null) {
    notes.unsupported(at, "this service does not come over: it has no address that can be asked");
    return;
  }
  draft.providers.set(provider, {
    fields: present({
      kind: "request",
      ...reach,
      ...readLogin(item, provider, scope),
      headers: readHeaders(holder, provider, scope),
      ...readAnswer(item, provider, scope),
    }),
    models: {},
    at,
  });
  const model = pick(holder, ["model", "model_name", "model_id"]);
  const said = nameOf(model?.value);
  const upstream = said === null || said.includes("*") ? original : said;
  if (model !== null) notes.exact(model, `provider ${provider}, model ${upstream}`);
  modelOf(draft, name).targets.push(
    readTarget(holder, { provider, upstream }, `models.${name}.targets`, at, scope),
  );
  noteName(item, name, original, scope);
  readAliases(holder, name, scope);
}

/** The address, parted into that of the service and the path of the call. */
function readReach({ holder }: Item, provider: string, { notes, variables }: Scope): JsonObject | null {
  const entry = pick(holder, ["url", "base_url", "api_base", "endpoint", "api_url"]);
  const text = textOf(entry?.value);
  if (entry === null || text === null) return null;
  const where = `providers.${provider}.base_url`;
  const reference = variables.open(text, where, entry.keyAt.line);
  if (reference !== null) {
    notes.approximated(entry, `${where} as ${reference}: requests go to /chat/completions below it`);
    return { base_url: reference };
  }
  const address = addressOf(text);
  if ("refused" in address) {
    notes.unsupported(entry, address.refused);
    return null;
  }
  const url = URL.parse(address.url);
  const path = url?.pathname ?? "/";
  const isBase =
    path === "/" || /\/(v\d+[a-z]*|api)$/.test(path) || entry.key === "base_url" || entry.key === "api_base";
  const isOpenai = path.endsWith("/chat/completions");
  const query = address.query;
  if (isBase || isOpenai) {
    notes.exact(entry, where);
    return present({ base_url: address.url.replace(/\/chat\/completions$/, ""), query });
  }
  notes.approximated(
    entry,
    `${where} and request.path; it is spoken to as OpenAI is, unless request.body and answer say otherwise`,
  );
  return present({ base_url: url?.origin ?? address.url, query, request: { path } });
}

function readLogin({ holder }: Item, provider: string, scope: Scope): JsonObject {
  const { notes } = scope;
  const token = pick(holder, ["token", "api_key", "access_token", "bearer_token"]);
  const where = `providers.${provider}`;
  const secret = (entry: Entry | null, field: string): string | undefined => {
    const text = textOf(entry?.value);
    if (entry === null || text === null || text === "") return undefined;
    const wanted = `${variableName(provider)}_${field.toUpperCase()}`;
    return noteSecret(entry, scope, { text, wanted, where: `${where}.${field}`, line: entry.keyAt.line });
  };
  const login = pick(holder, ["auth_url", "login_url", "token_url", "auth_endpoint"]);
  const address = login === null ? null : readAuthUrl(login, where, scope);
  if (login === null || address === null) return present({ token: secret(token, "token") });
  const [user, password] = [pick(holder, ["username", "user"]), pick(holder, ["password", "pass"])];
  if (nameOf(user?.value) === null || nameOf(password?.value) === null) {
    notes.unsupported(login, "a login needs username and password; `login` takes any other body");
    return present({ token: secret(token, "token") });
  }
  const hours = pick(holder, ["token_cache_hours", "cache_hours", "token_ttl_hours"]);
  const count = numberOf(hours?.value);
  if (hours !== null && count !== null && count > 0) notes.exact(hours, `${where}.token_cache_hours`);
  return present({
    auth_url: address,
    username: readUser(user, where, secret),
    password: secret(password, "password"),
    token_cache_hours: count === 0 ? undefined : count,
  });

  function readUser(entry: Entry | null, at: string, hide: typeof secret): string | undefined {
    const text = textOf(entry?.value);
    if (entry === null || text === null || variableIn(text) !== null) return hide(entry, "username");
    notes.exact(entry, `${at}.username`);
    return /^(env|file|sha256):/.test(text) ? hide(entry, "username") : text;
  }
}

function readAuthUrl(entry: Entry, where: string, { notes, variables }: Scope): string | null {
  const text = textOf(entry.value) ?? "";
  const reference = variables.open(text, `${where}.auth_url`, entry.keyAt.line);
  const address = reference === null ? addressOf(text) : null;
  if (address !== null && "refused" in address) {
    notes.unsupported(entry, address.refused);
    return null;
  }
  if (address !== null && (address.lost.length > 0 || Object.keys(address.query).length > 0))
    notes.approximated(entry, `${where}.auth_url, without what stood behind its path`);
  else notes.exact(entry, `${where}.auth_url`);
  return reference ?? address?.url ?? null;
}

/** Where the answer's text stands; `data.output` elsewhere is /data/output here. */
function readAnswer({ holder }: Item, provider: string, { notes }: Scope): { readonly [key: string]: Json } {
  const entry = pick(holder, ["response_path", "answer_path", "output_path", "text_path", "response_field"]);
  const text = textOf(entry?.value);
  if (entry === null || text === null || !/^[\w./$[\]-]+$/.test(text)) return {};
  const steps = text
    .replace(/^\$\.?/, "")
    .split(/[./[\]]+/)
    .filter((step) => step !== "");
  notes.exact(entry, `providers.${provider}.answer.text`);
  return { answer: { text: `/${steps.join("/")}` } };
}
