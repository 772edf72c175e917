import type { Entry, Tree } from "../../tree.ts";
import type { FallbackCause } from "../causes.ts";
import { present } from "../draft.ts";
import type { Scope } from "../scope.ts";
import { durationOf, pick, textOf, wholeOf, yesOrNo } from "../values.ts";
import { readFallbacks } from "./fallbacks.ts";
import { noteLibrary, noteReasons } from "./litellm_settings.ts";

/** LiteLLM's strategies, and what comes nearest. */
const strategies: Readonly<Record<string, { readonly ours: string; readonly differs: string | null }>> = {
  "simple-shuffle": { ours: "weighted", differs: null },
  "least-busy": { ours: "headroom", differs: "by the room left under the limits, not by requests under way" },
  "usage-based-routing": {
    ours: "headroom",
    differs: "by the room left under the limits, not by tokens used",
  },
  "usage-based-routing-v2": {
    ours: "headroom",
    differs: "by the room left under the limits, not by tokens used",
  },
  "latency-based-routing": { ours: "latency", differs: "by the time to the first output, not per token" },
  "cost-based-routing": { ours: "cost", differs: null },
};

const fallbackKeys: readonly (readonly [key: string, cause: FallbackCause])[] = [
  ["fallbacks", "any"],
  ["context_window_fallbacks", "context_window"],
  ["content_policy_fallbacks", "content_policy"],
];

/** `router_settings`, and of `litellm_settings` what speaks of the same. The models are read already. */
export function readRouting(router: Tree | undefined, library: Tree | undefined, scope: Scope): void {
  const holders = [router, library];
  const find = (...keys: readonly string[]): Entry | null => {
    const found = holders.flatMap((holder) => pick(holder, keys) ?? []);
    for (const other of found.slice(1))
      scope.notes.unsupported(other, "router_settings say it already, and win");
    return found[0] ?? null;
  };
  readStrategy(find("routing_strategy"), scope);
  readAliases(find("model_group_alias"), scope);
  for (const [key, cause] of fallbackKeys)
    for (const holder of holders) readFallbacks(pick(holder, [key]), cause, scope);
  readDefaults(find("default_fallbacks"), scope);
  readPolicy(find, scope);
  readTimeout(find, scope);
  noteLibrary(library, scope);
  for (const holder of holders) noteReasons(holder, scope);
  const checks = find("enable_pre_call_checks");
  if (checks !== null)
    scope.notes.exact(checks, "nothing: what does not fit a target's context is never sent to it");
}

function readStrategy(entry: Entry | null, { notes, draft }: Scope): void {
  const word = textOf(entry?.value) ?? "simple-shuffle";
  const known = strategies[word];
  if (entry !== null && known === undefined)
    notes.unsupported(entry, "there is no such strategy here; targets are asked as written");
  for (const model of draft.models.values()) {
    if (model.targets.length > 1 && known !== undefined) model.strategy = known.ours;
  }
  if (entry === null || known === undefined) return;
  if (known.differs === null) notes.exact(entry, `models.*.strategy ${known.ours}`);
  else notes.approximated(entry, `models.*.strategy ${known.ours}: ${known.differs}`);
}

/** Other names for models. */
function readAliases(section: Entry | null, { notes, draft, modelNames }: Scope): void {
  if (section?.value.kind !== "mapping") return;
  for (const entry of section.value.entries) {
    const hidden = pick(entry.value, ["hidden"]);
    const to = textOf(entry.value) ?? textOf(pick(entry.value, ["model"])?.value);
    if (to === null) continue;
    const name = modelNames.of(entry.key);
    draft.aliases.push({ name, to: modelNames.of(to), at: entry });
    if (hidden !== null && yesOrNo(hidden.value) === true)
      notes.approximated(entry, `aliases.${name}; aliases are always listed`);
    else notes.exact(entry, `aliases.${name}`);
  }
}

/** Fallbacks of every model that has none of its own. */
function readDefaults(entry: Entry | null, { notes, draft, modelNames }: Scope): void {
  if (entry?.value.kind !== "sequence") return;
  const without = [...draft.models.keys()].filter((name) =>
    draft.fallbacks.every(({ from, cause }) => from !== name || cause !== "any"),
  );
  for (const item of entry.value.items) {
    const to = textOf(item);
    if (to === null) continue;
    notes.exact(item, "models.*.fallbacks of every model that has none of its own");
    for (const from of without)
      if (from !== modelNames.of(to))
        draft.fallbacks.push({ cause: "any", from, to: modelNames.of(to), at: item });
  }
}

type Find = (...keys: readonly string[]) => Entry | null;

/** How often and how soon another attempt is made, and when a target rests. */
function readPolicy(find: Find, { notes, draft }: Scope): void {
  const [retries, wait] = [find("num_retries"), find("retry_after")];
  const [fails, rest] = [find("allowed_fails"), find("cooldown_time")];
  const count = wholeOf(retries?.value);
  const lists = Map.groupBy(draft.fallbacks, ({ from, cause }) => `${cause} ${from}`);
  const longest = Math.max(0, ...lists.values().map(({ length }) => length));
  const isAlone = [...draft.models.values()].every(({ targets }) => targets.length < 2);
  if (retries !== null && count !== null)
    notes.approximated(
      retries,
      "failover.default: LiteLLM draws a deployment anew for each retry, here a target is tried again and then the next",
    );
  const backoff = durationOf(wait?.value) ?? undefined;
  if (wait !== null && backoff !== undefined) notes.approximated(wait, "failover.default.backoff.base");
  const failures = wholeOf(fails?.value);
  if (fails !== null && failures !== null)
    notes.exact(fails, "failover.default.breaker.failures, one more than are allowed");
  const openFor = durationOf(rest?.value) ?? undefined;
  if (rest !== null && openFor !== undefined) notes.exact(rest, "failover.default.breaker.open_for");
  const policy = present({
    max_attempts: count === null ? undefined : Math.max(1, (count + 1) * (1 + longest)),
    retries: count === null ? undefined : isAlone ? count : Math.min(1, count),
    backoff: present({ base: backoff }),
    breaker: present({
      failures: failures === null ? undefined : failures + 1,
      within: failures === null ? undefined : "60s",
      open_for: openFor,
    }),
  });
  if (Object.keys(policy).length > 0) draft.sections["failover"] = { default: policy };
}

function readTimeout(find: Find, { notes, draft }: Scope): void {
  const [whole, stream] = [find("timeout", "request_timeout"), find("stream_timeout")];
  const [answer, first] = [durationOf(whole?.value) ?? undefined, durationOf(stream?.value) ?? undefined];
  if (whole !== null && answer !== undefined)
    notes.approximated(whole, "timeouts.answer of a whole answer, and first_byte of a stream");
  if (stream !== null && first !== undefined)
    notes.approximated(stream, "timeouts.first_byte and idle of a stream");
  const timeouts = present({ first_byte: first ?? answer, idle: first, answer });
  if (Object.keys(timeouts).length > 0) draft.sections["timeouts"] = timeouts;
}
