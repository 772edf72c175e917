import type { DurationMs } from "../core/units.ts";
import { type Claim, counted, isBudget } from "../domain/limits.ts";
import type { Position } from "../domain/position.ts";
import type { Objection, RouteRequest } from "../domain/route.ts";
import { showRef } from "../domain/secret_ref.ts";
import type { AccessRules, Target } from "../domain/snapshot.ts";
import { adapterOf } from "../providers/registry.ts";
import { fact } from "./facts.ts";
import { secretsOf } from "./identity.ts";
import type { Door, Path } from "./path.ts";
import type { Scene } from "./scene.ts";

/** An objection before it is told which target it is about. */
export type Because = Pick<Objection, "code" | "says" | "at" | "waitMs" | "claim">;

/** Why a target may not serve, whichever credential it would use. Empty: it may. */
export function againstTarget(scene: Scene, target: Target, path: Path, ceiling: number): readonly Because[] {
  const { provider } = target;
  const { lines } = scene.snapshot;
  const found: Because[] = [];
  if (!provider.enabled) {
    const at = lines.of(provider, "enabled") ?? provider.at;
    found.push(because("disabled", `provider ${provider.name} is disabled in the file`, at));
  }
  if (!target.enabled) {
    const at = lines.of(target, "enabled") ?? target.at;
    found.push(because("disabled", "the target is disabled in the file", at));
  }
  for (const kind of ["provider", "target"] as const) {
    const name = kind === "provider" ? provider.name : path.learnedName;
    const taken = scene.state.disabled({ kind, name }, scene.now);
    if (taken !== null)
      found.push(because("disabled", `${kind} ${name} was taken away by hand: ${taken.reason}`, target.at));
  }
  if (!adapterOf(provider.kind).serves(scene.request.endpoint, provider)) {
    found.push(
      because("endpoint_unsupported", `kind ${provider.kind} has no ${scene.request.endpoint}`, provider.at),
    );
  }
  if (path.context !== null && ceiling > path.context) {
    const says = `about ${ceiling} tokens do not fit a context of ${path.context}`;
    const entry = fact(provider, path.upstream, "context")?.entry;
    const at = entry === undefined ? null : lines.of(entry, "context");
    found.push(because("context_too_small", says, at ?? target.at));
  }
  for (const rules of accessRulesOf(scene.request)) found.push(...againstTags(scene, rules, target));
  return found;
}

/** The rules of who asks: the key's own, and those of its team. */
export const accessRulesOf = ({ key }: Pick<RouteRequest, "key">): readonly AccessRules[] =>
  key === null ? [] : key.team === null ? [key] : [key, key.team];

function againstTags({ snapshot }: Scene, rules: AccessRules, { provider }: Target): readonly Because[] {
  const { anyTag } = rules;
  if (anyTag.length === 0 || anyTag.some((tag) => provider.tags.includes(tag))) return [];
  const says = `provider ${provider.name} bears none of the tags ${anyTag.join(", ")}`;
  return [because("tag_missing", says, snapshot.lines.of(rules, "any_tag") ?? rules.at)];
}

/** Why one credential of a target may not be used. `failed`: it was refused in this very request. */
export function againstDoor(
  scene: Scene,
  target: Target,
  { member, credentialId }: Door,
  circuit: "closed" | "open" | "probe",
  failed: boolean,
): readonly Because[] {
  const at = member?.at ?? target.provider.at;
  const missing = secretsOf(target.provider, member).find((ref) => !scene.state.isSet(ref));
  if (missing !== undefined) return [because("not_configured", `${showRef(missing)} is not set`, at)];
  const whose = `provider ${target.provider.name}${member === null ? "" : ` API key ${member.id}`}`;
  const aside = scene.state.setAside(credentialId, member, scene.now);
  const found: Because[] = [];
  if (aside?.cause === "rate_limited") {
    const says = `${whose} is cooling down after a 429`;
    found.push(because("cooling_down", says, at, Math.max(0, aside.until - scene.now)));
  } else if (aside !== null || failed) {
    found.push(because("credential_refused", `${whose} was refused by the provider`, at));
  }
  if (circuit === "open") found.push(because("circuit_open", `the circuit of ${whose} is open`, target.at));
  return found;
}

/** Retries and failovers into a provider have a budget, so that an outage is not made worse. */
export function againstRetry(scene: Scene, { provider, at }: Target): readonly Because[] {
  if (scene.history.length === 0 || scene.state.mayRetry(provider.name, scene.now)) return [];
  return [because("retry_budget", `the retry budget of provider ${provider.name} is spent`, at)];
}

/** The limits without room. */
export function againstClaims(scene: Scene, claims: readonly Claim[]): readonly Because[] {
  let found: Because[] | null = null;
  for (const claim of claims) {
    const waitMs = scene.state.wait(claim, scene.now);
    if (waitMs <= 0) continue;
    found ??= [];
    found.push({ code: "limit", says: sayLimit(claim), at: claim.rule.at, waitMs, claim });
  }
  return found ?? nothing;
}

const nothing: readonly Because[] = [];

/** Whether waiting lifts it, as with limits and 429s. */
export const liftsByWaiting = (objection: Pick<Objection, "code">): boolean =>
  objection.code === "limit" || objection.code === "cooling_down";

/** `key "web-app" is over its rpm of 600 (requests per minute)`. */
export function sayLimit(claim: Claim): string {
  const { limit, of } = claim.rule;
  const whose = `${scopeWords[claim.scope]} "${claim.name}"`;
  if (isBudget(claim.rule)) return `${whose} has no room in its budget of ${of} ${counted[limit].says}`;
  return limit === "tpr"
    ? `${whose} allows ${of} tokens per request (tpr) and this one may take ${claim.amount}`
    : `${whose} is over its ${limit} of ${of} (${counted[limit].says})`;
}

const scopeWords: Readonly<Record<Claim["scope"], string>> = {
  key: "key",
  team: "team",
  provider: "provider",
  api_key: "API key",
  upstream_model: "upstream model",
  target: "target",
};

const because = (
  code: Because["code"],
  says: string,
  at: Position,
  waitMs: DurationMs | null = null,
): Because => ({
  code,
  says,
  at,
  waitMs,
  claim: null,
});
