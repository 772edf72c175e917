import type { DurationMs } from "../core/units.ts";
import { type Claim, limits } from "../domain/limits.ts";
import type { Position } from "../domain/position.ts";
import type { Objection } from "../domain/route.ts";
import { showRef } from "../domain/secret_ref.ts";
import type { Model, PoolMember, Target } from "../domain/snapshot.ts";
import { adapterOf } from "../providers/registry.ts";
import { fact } from "./facts.ts";
import type { Scene } from "./scene.ts";

/** An objection before it is told which target it is about. */
export type Because = Pick<Objection, "code" | "says" | "at" | "waitMs" | "claim">;

/** Why a target may not serve, whichever credential it would use. Empty: it may. */
export function againstTarget(
  scene: Scene,
  model: Model,
  target: Target,
  upstream: string,
  ceiling: number,
): readonly Because[] {
  const { provider } = target;
  const found: Because[] = [];
  if (!provider.enabled)
    found.push(because("disabled", `provider ${provider.name} is disabled in the file`, provider.at));
  if (!target.enabled) found.push(because("disabled", "the target is disabled in the file", target.at));
  for (const what of [
    { kind: "provider", name: provider.name },
    { kind: "target", name: `${provider.name}/${upstream}` },
  ] as const) {
    const taken = scene.state.disabled(what, scene.now);
    if (taken !== null)
      found.push(
        because("disabled", `${what.kind} ${what.name} was taken away by hand: ${taken.reason}`, target.at),
      );
  }
  const adapter = adapterOf(provider.kind);
  if (adapter === null)
    found.push(because("not_configured", `kind ${provider.kind} is not served by this version`, provider.at));
  else if (!adapter.serves(scene.request.endpoint)) {
    found.push(
      because("endpoint_unsupported", `kind ${provider.kind} has no ${scene.request.endpoint}`, provider.at),
    );
  }
  const { key } = scene.request;
  for (const rules of key === null ? [] : [key, key.team]) {
    if (
      rules === null ||
      rules.anyTag.length === 0 ||
      rules.anyTag.some((tag) => provider.tags.includes(tag))
    )
      continue;
    found.push(
      because(
        "tag_missing",
        `provider ${provider.name} bears none of the tags ${rules.anyTag.join(", ")}`,
        rules.at,
      ),
    );
  }
  const context = fact(provider, upstream, "context");
  if (context !== null && ceiling > context.value) {
    const says = `about ${ceiling} tokens do not fit a context of ${context.value}`;
    found.push(because("context_too_small", says, target.at));
  }
  return found;
}

/** Why one credential of a target may not be used. */
export function againstMember(
  scene: Scene,
  target: Target,
  member: PoolMember | null,
  credential: string,
): readonly Because[] {
  if (member !== null && !scene.state.isSet(member)) {
    return [because("not_configured", `${showRef(member.ref)} is not set`, member.at)];
  }
  const aside = scene.state.setAside(credential, member, scene.now);
  if (aside === null) return [];
  const waitMs = Math.max(0, aside.until - scene.now);
  const whose = `provider ${target.provider.name}${member === null ? "" : ` API key ${member.id}`}`;
  const at = member?.at ?? target.provider.at;
  return aside.cause === "rate_limited"
    ? [{ code: "cooling_down", says: `${whose} is cooling down after a 429`, at, waitMs, claim: null }]
    : [because("credential_refused", `${whose} was refused by the provider`, at)];
}

/** The limits without room. */
export function againstClaims(scene: Scene, claims: readonly Claim[]): readonly Because[] {
  const found: Because[] = [];
  for (const claim of claims) {
    const waitMs = scene.state.wait(claim, scene.now);
    if (waitMs > 0) found.push({ code: "limit", says: sayLimit(claim), at: claim.rule.at, waitMs, claim });
  }
  return found;
}

/** Whether waiting lifts it, as with limits and 429s. */
export const liftsByWaiting = (objection: Pick<Objection, "code">): boolean =>
  objection.code === "limit" || objection.code === "cooling_down";

/** `key "web-app" is over its rpm of 600 (requests per minute)`. */
export function sayLimit(claim: Claim): string {
  const { limit, of } = claim.rule;
  const whose = `${scopeWords[claim.scope]} "${claim.name}"`;
  return limit === "tpr"
    ? `${whose} allows ${of} tokens per request (tpr) and this one may take ${claim.amount}`
    : `${whose} is over its ${limit} of ${of} (${limits[limit].says})`;
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
