import { budgets as budgetTable } from "../../domain/limits.ts";
import { showRef } from "../../domain/secret_ref.ts";
import type { AccessRules, Attribution, AttributionSource, Auth, ClientKey } from "../../domain/snapshot.ts";
import { limits } from "./limits.ts";
import { byName, type Form, lastDay, mapped, nothingElse, unordered } from "./written.ts";

/** `auth`. */
export function auth({ keys, teams, ...rest }: Auth): Form {
  nothingElse(rest);
  return {
    teams: byName(
      teams.values(),
      ({ name }) => name,
      ({ name: _, ...team }) => access(team),
    ),
    "keys[]": byName(keys, ({ id }) => id, key),
  };
}

function key({ id: _, secrets, team, role, expiresAt, labels, ...rules }: ClientKey): Form {
  return {
    secret: unordered(secrets.map(showRef)),
    team: team?.name ?? null,
    role,
    ...access(rules),
    expires: expiresAt === null ? null : lastDay(expiresAt),
    labels,
  };
}

function access({ models, anyTag, limits: rules, budgets, at: _, ...rest }: AccessRules): Form {
  nothingElse(rest);
  return {
    models: unordered(models),
    any_tag: unordered(anyTag),
    limits: limits(rules),
    // Of two for the same time the smaller one is the only one that is ever felt.
    budget: byName(
      budgets.toSorted((a, b) => b.of - a.of),
      ({ limit }) => budgetTable[limit].per,
      ({ of }) => of,
    ),
  };
}

/** `attribution`: the first source that is there counts. */
export function attribution({ user, labels, ...rest }: Attribution): Form {
  nothingElse(rest);
  return { user: user.map(source), labels: mapped(labels, (sources) => sources.map(source)) };
}

const source = ({ from, name }: AttributionSource): string => `${from}:${name}`;
