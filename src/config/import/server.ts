import type { Entry, Tree } from "../tree.ts";
import { addClient } from "./clients.ts";
import { readLimits } from "./limits.ts";
import type { Scope } from "./scope.ts";
import { durationOf, nameOf, pick, textOf, textsOf, wholeOf, yesOrNo } from "./values.ts";

/** What is a setting here: a flag or a variable, never in the file. */
const settings: Readonly<Record<string, string>> = {
  host: "HOST",
  listen_host: "HOST",
  bind: "HOST",
  port: "PORT",
  listen_port: "PORT",
  log_level: "LOG_LEVEL",
  loglevel: "LOG_LEVEL",
  log_dir: "LOG_DIR",
  log_path: "LOG_DIR",
  data_dir: "DATA_DIR",
  // A section `proxy` may speak of the way out as well.
  url: "HTTPS_PROXY",
  http: "HTTP_PROXY",
  https: "HTTPS_PROXY",
  http_proxy: "HTTP_PROXY",
  https_proxy: "HTTPS_PROXY",
  no_proxy: "NO_PROXY",
};

const clientSpellings = [
  "api_keys",
  "keys",
  "api_key",
  "tokens",
  "client_keys",
  "access_keys",
  "auth_tokens",
  "auth_token",
];
const adminSpellings = ["master_key", "admin_key", "admin_api_key", "admin_token"];

/** What a section says of the server itself: who may call, where it listens, how long it waits. */
export function readServer(section: Tree | undefined, scope: Scope): void {
  if (section?.kind !== "mapping") return;
  const { notes, draft, modelNames } = scope;
  for (const entry of section.entries) {
    const setting = settings[entry.key.toLowerCase()];
    if (setting !== undefined) notes.approximated(entry, `set ${setting} in the environment`);
  }
  readClients(section, scope);
  const waiting = pick(section, ["timeout", "request_timeout", "timeout_seconds"]);
  const span = durationOf(waiting?.value);
  if (waiting !== null && span !== null) {
    draft.sections["timeouts"] = { first_byte: span, answer: span };
    notes.approximated(waiting, "timeouts.answer of a whole answer, and first_byte of a stream");
  }
  readRetries(pick(section, ["max_retries", "retries", "num_retries", "retry"]), scope);
  const usual = pick(section, ["default_model"]);
  const name = textOf(usual?.value);
  if (usual !== null && name !== null) {
    draft.sections["default_model"] = modelNames.of(name);
    notes.exact(usual, "default_model");
  }
  const origins = pick(section, ["cors_origins", "allowed_origins", "cors"]);
  const list = textsOf(origins?.value).flatMap(({ at }) => nameOf(at) ?? []);
  if (origins !== null && list.length > 0) {
    draft.sections["http"] = { ...asObject(draft.sections["http"]), cors_origins: list };
    notes.exact(origins, "http.cors_origins");
  }
}

const asObject = (section: unknown) => (typeof section === "object" && section !== null ? section : {});

function readRetries(entry: Entry | null, { notes, draft }: Scope): void {
  const retries = wholeOf(entry?.value);
  if (entry === null || retries === null) return;
  draft.sections["failover"] = {
    default: { max_attempts: Math.max(4, retries + 1), retries },
  };
  notes.approximated(entry, "failover.default.retries: on the same target, before the next one is asked");
}

/** The keys by which clients are let in: texts, or mappings with a name and rules. */
export function readClients(section: Tree, scope: Scope): void {
  const { notes } = scope;
  const admin = pick(section, adminSpellings);
  const text = textOf(admin?.value);
  if (admin !== null && text !== null)
    addClient({ id: "admin", text, at: admin, line: admin.keyAt.line, role: "admin" }, scope);
  const off = pick(section, ["enabled", "enable", "require_auth", "auth_enabled"]);
  const isOff = off !== null && yesOrNo(off.value) === false;
  if (off !== null)
    notes.exact(
      off,
      isOff ? "nothing: without keys everybody may call" : "nothing: with keys nobody else may call",
    );
  const entry = pick(section, clientSpellings);
  if (entry === null) return;
  if (isOff) {
    notes.unsupported(entry, "keys are switched off, and keys in our file are always asked for");
    return;
  }
  const { value } = entry;
  if (value.kind === "scalar") addOne(entry, value, null, entry.keyAt.line, scope);
  else if (value.kind === "sequence")
    for (const item of value.items) addOne(item, item, null, item.at.line, scope);
  else for (const each of value.entries) addNamed(each, scope);
}

function addOne(at: Entry | Tree, value: Tree, name: string | null, line: number, scope: Scope): void {
  const { draft, notes } = scope;
  const held = pick(value, ["key", "api_key", "token", "secret", "value"]);
  const text = textOf(held?.value ?? value);
  const named = pick(value, ["name", "id", "user", "client", "owner", "label", "description"]);
  if (text === null || text.trim() === "") return;
  const id = textOf(named?.value) ?? name ?? `client-${draft.keys.length + 1}`;
  const models = pick(value, ["models", "allowed_models"]);
  const allowed = textsOf(models?.value).map(({ text: model, at: place }) => {
    notes.exact(place, `auth.keys[${id}].models`);
    return { name: model.includes("*") ? model : scope.modelNames.of(model), at: place };
  });
  const limits = readLimits(value, `auth.keys[${id}]`, notes);
  if (named !== null) notes.exact(named, "the id of the key");
  addClient({ id, text, at: held ?? at, line: held?.keyAt.line ?? line, limits, models: allowed }, scope);
}

/** `name: key`, or `key: name`: the secret is what looks more like one. */
function addNamed(entry: Entry, scope: Scope): void {
  const { key, value } = entry;
  const holdsKey =
    value.kind === "mapping" && pick(value, ["key", "api_key", "token", "secret", "value"]) !== null;
  const text = textOf(value);
  const isKeyFirst = value.kind === "mapping" ? !holdsKey : looksSecret(key) && !looksSecret(text ?? "");
  if (!isKeyFirst) {
    addOne(entry, value, key, entry.keyAt.line, scope);
    return;
  }
  scope.notes.hide(key);
  const rest = value.kind === "mapping" ? value.entries : [];
  const inside: Tree = {
    kind: "mapping",
    at: value.at,
    entries: [
      ...rest,
      { key: "key", keyAt: entry.keyAt, value: { kind: "scalar", at: value.at, value: key } },
    ],
  };
  addOne(entry, inside, text, entry.keyAt.line, scope);
}

const looksSecret = (text: string): boolean => /^(sk|pk|rk|key|tok)[-_]|[A-Za-z0-9_-]{16,}/.test(text);
