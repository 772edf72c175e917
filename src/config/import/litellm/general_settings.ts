import type { Tree } from "../../tree.ts";
import { addClient } from "../clients.ts";
import type { Scope } from "../scope.ts";
import { numberOf, pick, textOf } from "../values.ts";

/** Why something of LiteLLM's server has no counterpart here. */
const reasons: Readonly<Record<string, string>> = {
  database_url:
    "nothing is kept in a database of others: keys made through LiteLLM's API have to be written below auth.keys",
  store_model_in_db: "the file is the only source of models",
  database_connection_pool_limit: "nothing is kept in a database of others",
  alerting: "alerts are made of the figures at /metrics",
  alerting_threshold: "alerts are made of the figures at /metrics",
  custom_auth: "keys stand below auth.keys",
  enable_jwt_auth: "keys stand below auth.keys",
  litellm_jwtauth: "keys stand below auth.keys",
  background_health_checks: "the health of a target is seen in its answers",
  health_check_interval: "the health of a target is seen in its answers",
  port: "set PORT in the environment",
  host: "set HOST in the environment",
};

/** `general_settings`: the server itself. */
export function readGeneral(section: Tree | undefined, scope: Scope): void {
  if (section?.kind !== "mapping") return;
  const { notes, draft } = scope;
  for (const entry of section.entries) {
    const reason = reasons[entry.key];
    if (reason !== undefined) notes.unsupported(entry, reason);
  }
  const master = pick(section, ["master_key"]);
  const text = textOf(master?.value);
  if (master !== null && text !== null)
    addClient({ id: "master", text, at: master, line: master.keyAt.line, role: "admin" }, scope);
  const size = pick(section, ["max_request_size_mb"]);
  const most = numberOf(size?.value);
  if (size === null || most === null || most === 0) return;
  draft.sections["http"] = { max_body: `${Math.min(128, most)}MiB` };
  if (most > 128) notes.approximated(size, "http.max_body; 128MiB is the most");
  else notes.exact(size, "http.max_body");
}
