import { judge } from "../../core/glob.ts";
import type { EpochMs } from "../../core/units.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { AccessRules, ClientKey, Snapshot, Target } from "../../domain/snapshot.ts";
import { accessRulesOf } from "../objections.ts";
import type { Look } from "../watch.ts";
import { type Step, step } from "./step.ts";
import { lastDay } from "./words.ts";

/** What the globs of the key and of its team say of names, any of which is enough. */
export function accessSteps(
  { scene: { snapshot, request } }: Look,
  names: readonly string[],
): readonly Step[] {
  const { key } = request;
  if (key === null)
    return snapshot.auth.keys.length > 0 ? [step("asked without a key, so no key's rules apply", null)] : [];
  return accessRulesOf(request).flatMap((rules) => {
    const { allows, by } = judge(rules.models, names);
    const who = whose(rules, key);
    const asked = names[0] ?? "";
    if (rules.models.length === 0) return [];
    const at =
      (by === null ? null : snapshot.lines.of(rules.models, by)) ??
      snapshot.lines.of(rules, "models") ??
      rules.at;
    const glob = by === null ? null : JSON.stringify(rules.models[by]);
    const reason =
      glob === null
        ? `none of ${rules.models.join(", ")} ${allows ? "denies" : "allows"} it`
        : `${glob} ${allows ? "allows" : "denies"} it`;
    return [step(`${who} ${allows ? "may" : "may not"} use ${asked}: ${reason}`, at)];
  });
}

/** Why a key is not let in at all. */
export function doorSteps(
  { lines }: Snapshot,
  key: ClientKey,
  refusal: Refusal,
  now: EpochMs,
): readonly Step[] {
  const { id, role, expiresAt } = key;
  if (refusal.code === "role_not_allowed")
    return [
      step(`key ${id} has the role ${role}, which asks nothing of models`, lines.of(key, "role") ?? key.at),
    ];
  return expiresAt !== null && now >= expiresAt
    ? [
        step(
          `key ${id} has expired: its last day was ${lastDay(expiresAt)}`,
          lines.of(key, "expires") ?? key.at,
        ),
      ]
    : [step(`key ${id} was taken away by hand`, null)];
}

/** The tags for which a target was let through. */
export const tagSteps = ({ scene: { snapshot, request } }: Look, { provider }: Target): readonly Step[] =>
  accessRulesOf(request).flatMap((rules) => {
    const tag = rules.anyTag.find((each) => provider.tags.includes(each));
    if (tag === undefined || request.key === null) return [];
    const text = `provider ${provider.name} bears the tag ${tag}, as ${whose(rules, request.key)} asks`;
    return [step(text, snapshot.lines.of(rules, "any_tag"))];
  });

const whose = (rules: AccessRules, key: ClientKey): string =>
  rules === key ? `key ${key.id}` : `team ${key.team?.name ?? ""}`;
