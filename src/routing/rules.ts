import type { Claim } from "../domain/limits.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { targetName } from "./identity.ts";

/** A limit or budget that the file sets, by the scope and name under which it is counted. */
export type ScopedRule = Pick<Claim, "scope" | "name" | "rule">;

/** Every limit and budget of the file. */
export function rulesOf({ auth, providers, models, patterns }: Snapshot): readonly ScopedRule[] {
  const of = (scope: Claim["scope"], name: string, rules: readonly Claim["rule"][] | null) =>
    (rules ?? []).map((rule) => ({ scope, name, rule }));
  return [
    ...auth.keys.flatMap((key) => of("key", key.id, [...key.limits, ...key.budgets])),
    ...[...auth.teams.values()].flatMap((team) => of("team", team.name, [...team.limits, ...team.budgets])),
    ...[...providers.values()].flatMap((provider) => [
      ...of("provider", provider.name, provider.limits),
      ...provider.pool.flatMap((member) => of("api_key", `${provider.name}/${member.id}`, member.limits)),
      ...provider.facts.flatMap((entry) =>
        of("upstream_model", `${provider.name}/${entry.model}`, entry.limits),
      ),
    ]),
    ...[...models.values(), ...patterns].flatMap((model) =>
      model.targets.flatMap((target) => of("target", targetName(model, target), target.limits)),
    ),
  ];
}
