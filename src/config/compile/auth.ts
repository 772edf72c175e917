import type {
  AccessRules,
  Attribution,
  AttributionSource,
  Auth,
  ClientKey,
  Team,
} from "../../domain/snapshot.ts";
import { positionOf } from "../places.ts";
import { secretRef } from "../references.ts";
import type { KeyText, RoutesText, TeamText } from "../schema/routes.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { Spot } from "../tree.ts";
import type { Making } from "./making.ts";
import type { Names } from "./names.ts";
import { makeBudgets, makeLimits } from "./rules.ts";
import { valuesFor } from "./values.ts";
import type { Whole } from "./whole.ts";

/** Teams and keys. `hasAuto`: whether `auto` is a name that a key may bear among its globs. */
export function makeAuth(making: Making, whole: Whole, names: Names): Auth {
  const hasAuto = whole.root.auto !== undefined;
  const teams = new Map<string, Team>();
  for (const { name, at, text } of whole.teams) {
    if (text === null) continue;
    const team: Team = { name, ...makeAccess(making, text, at, names, hasAuto) };
    teams.set(name, making.places.adopt(team, text));
  }
  const teamNames = new Set(whole.teams.map(({ name }) => name));
  const keys = whole.keys.map((text) => makeKey(making, text, teams, teamNames, names, hasAuto));
  return { keys, teams };
}

function makeKey(
  making: Making,
  text: KeyText,
  teams: ReadonlyMap<string, Team>,
  teamNames: ReadonlySet<string>,
  names: Names,
  hasAuto: boolean,
): ClientKey {
  const { places, report } = making;
  const { team, secret, expires } = text;
  if (team !== undefined && !teamNames.has(team)) {
    const suggestion = suggest(team, teamNames);
    const message = `There is no team "${team}"; this must be one of those below \`auth.teams\`.${didYouMean(suggestion)}`;
    report("unknown_team", places.value(text, "team"), message, { suggestion });
  }
  const secrets =
    typeof secret === "string"
      ? [secretRef(secret, places.value(text, "secret"))]
      : secret.map((each, index) => secretRef(each, places.value(secret, index)));
  const key: ClientKey = {
    id: text.id,
    secrets,
    team: team === undefined ? null : (teams.get(team) ?? null),
    role: text.role ?? "client",
    expiresAt: expires === undefined ? null : valuesFor(making).endOf(text, "expires", expires),
    labels: text.labels ?? {},
    ...makeAccess(making, text, places.of(text), names, hasAuto),
  };
  return places.adopt(key, text);
}

function makeAccess(making: Making, text: TeamText, at: Spot, names: Names, hasAuto: boolean): AccessRules {
  const models = text.models ?? [];
  models.forEach((glob, index) => {
    const name = glob.replace(/^!/, "");
    if (!name.includes("*") && !(hasAuto && name === "auto"))
      names.require(name, making.places.value(models, index));
  });
  return {
    models,
    anyTag: text.any_tag ?? [],
    limits: makeLimits(making, text.limits),
    budgets: makeBudgets(making, text.budget),
    at: positionOf(at),
  };
}

/** Headers in which clients send credentials: what they hold must not become a label. */
const credentialHeaders = ["authorization", "proxy-authorization", "cookie", "api-key", "x-api-key"];

/** Where the end user and the labels of a request are read from. */
export function makeAttribution({ places, report }: Making, text: RoutesText["attribution"]): Attribution {
  const sources = (holder: object, key: string, written: string | readonly string[]) =>
    [written].flat().map((each, index): AttributionSource => {
      const source = sourceOf(each);
      if (source.from === "header" && credentialHeaders.includes(source.name)) {
        const at = typeof written === "string" ? places.value(holder, key) : places.value(written, index);
        const message = `The header ${source.name} holds credentials, which are not kept; name another one.`;
        report("forbidden_reference", at, message);
      }
      return source;
    });
  const labels = text?.labels ?? {};
  return {
    user: text?.user === undefined ? [] : sources(text, "user", text.user),
    labels: Object.fromEntries(
      Object.entries(labels).map(([label, written]) => [label, sources(labels, label, written)]),
    ),
  };
}

function sourceOf(written: string): AttributionSource {
  const name = written.slice(written.indexOf(":") + 1);
  return written.startsWith("header:")
    ? { from: "header", name: name.toLowerCase() }
    : { from: "body", name };
}
