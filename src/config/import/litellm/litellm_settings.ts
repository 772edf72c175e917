import type { Entry, Tree } from "../../tree.ts";
import type { Scope } from "../scope.ts";
import { pick, textOf, textsOf, yesOrNo } from "../values.ts";

/** Why something has no counterpart here, by the beginning of its key. */
const reasons: readonly (readonly [start: string, reason: string])[] = [
  ["redis_", "limits and health are kept by the gateway itself, and survive a restart"],
  ["cache_", "answers are not cached here"],
  ["max_budget", "a budget belongs to a key or a team: auth.keys, budget"],
  ["budget_duration", "a budget belongs to a key or a team: auth.keys, budget"],
  ["default_team_settings", "teams stand below auth.teams"],
  ["retry_policy", "one policy counts the retries of all failures: failover"],
  ["model_group_retry_policy", "a model names its policy: failover"],
];

/** Says of what has no counterpart why that is so. */
export function noteReasons(section: Tree | undefined, { notes }: Scope): void {
  for (const entry of section?.kind === "mapping" ? section.entries : []) {
    const [, reason] = reasons.find(([start]) => entry.key.startsWith(start)) ?? [];
    if (reason !== undefined) notes.unsupported(entry, reason);
  }
}

/** `litellm_settings`: how the library behaves, and what watches it. */
export function noteLibrary(section: Tree | undefined, scope: Scope): void {
  const { notes, draft } = scope;
  const find = (key: string): Entry | null => pick(section, [key]);
  const dropped = find("drop_params");
  if (dropped !== null) {
    const isDropped = yesOrNo(dropped.value) === true;
    if (!isDropped) refuseUnsupported(scope);
    notes.exact(
      dropped,
      isDropped
        ? "nothing: what a provider cannot take is dropped, and said so"
        : "providers.*.unsupported: refuse",
    );
  }
  const quiet = find("turn_off_message_logging");
  if (quiet !== null) {
    draft.sections["logging"] = { interactions: yesOrNo(quiet.value) === true ? "metadata" : "full" };
    notes.exact(quiet, "logging.interactions");
  }
  const json = find("json_logs");
  if (json !== null) notes.exact(json, "nothing: logs are JSON lines");
  const verbose = find("set_verbose");
  if (verbose !== null) {
    if (yesOrNo(verbose.value) === true)
      notes.approximated(verbose, "set LOG_LEVEL=debug in the environment");
    else notes.exact(verbose, "nothing: it is off");
  }
  for (const key of ["callbacks", "success_callback", "failure_callback", "service_callback"])
    noteCallbacks(find(key), scope);
  const cache = find("cache");
  if (cache !== null && yesOrNo(cache.value) === false) notes.exact(cache, "nothing: answers are not cached");
  else if (cache !== null) notes.unsupported(cache, "answers are not cached here");
}

/** A parameter that a provider cannot take is an error for LiteLLM, unless it is told to drop it. */
function refuseUnsupported({ draft }: Scope): void {
  for (const [name, provider] of draft.providers)
    draft.providers.set(name, { ...provider, fields: { ...provider.fields, unsupported: "refuse" } });
}

function noteCallbacks(entry: Entry | null, { notes }: Scope): void {
  for (const { text, at } of textsOf(entry?.value)) {
    const place = entry !== null && at === entry.value ? entry : at;
    if (text === "prometheus")
      notes.approximated(place, "nothing: Prometheus finds its figures at /metrics, under other names");
    else
      notes.unsupported(
        place,
        "what is recorded stands in the logs, at /metrics and in the database; nothing is sent elsewhere",
      );
  }
  if (entry !== null && textOf(entry.value) === null && entry.value.kind === "scalar")
    notes.exact(entry, "nothing");
}
