import type { AccessRules, ClientKey, Snapshot } from "../../domain/snapshot.ts";
import { mayUse } from "../../routing/resolve.ts";
import { nameOf, publicNames } from "../names.ts";
import { withKey, withTeam } from "./edit.ts";
import { lineOf, type Mutant, modelsIn } from "./mutant.ts";

/** Keys and teams that may ask for more, whose tags are forgotten, or that never expire. */
export const accessMutants = (snapshot: Snapshot): readonly Mutant[] => [
  ...ofKeys(snapshot),
  ...ofTeams(snapshot),
];

function ofKeys(snapshot: Snapshot): readonly Mutant[] {
  return snapshot.auth.keys.flatMap((key) => {
    const { id, expiresAt, role } = key;
    if (role === "viewer") return [];
    const mutant = (field: string, says: string, to: Partial<ClientKey>): Mutant => ({
      at: lineOf(snapshot, key, field, key.at),
      says: `key ${id} ${says}`,
      make: () => withKey(snapshot, id, (before) => ({ ...before, ...to })),
      touches: (reach) => reach.key === id,
    });
    return [
      ...looser(key)
        .filter(({ to }) => opens(snapshot, [key], (each) => ({ ...each, ...to })))
        .map(({ field, says, to }) => mutant(field, says, to)),
      ...(expiresAt === null ? [] : [mutant("expires", "without its last day", { expiresAt: null })]),
    ];
  });
}

function ofTeams(snapshot: Snapshot): readonly Mutant[] {
  return [...snapshot.auth.teams.values()].flatMap((team) => {
    const { name } = team;
    const members = snapshot.auth.keys.filter((key) => key.team === team && key.role !== "viewer");
    return looser(team)
      .filter(({ to }) => opens(snapshot, members, (key) => ({ ...key, team: { ...team, ...to } })))
      .map(({ field, says, to }) => ({
        at: lineOf(snapshot, team, field, team.at),
        says: `team ${name} ${says}`,
        make: () => withTeam(snapshot, name, (before) => ({ ...before, ...to })),
        touches: (reach) => reach.team === name,
      }));
  });
}

/** Every way of letting more through. */
function looser({ models, anyTag }: AccessRules) {
  const denied = models.filter((glob) => glob.startsWith("!"));
  const ways: { readonly field: string; readonly says: string; readonly to: Partial<AccessRules> }[] = [];
  if (models.length > denied.length)
    ways.push({ field: "models", says: "allowed every model", to: { models: denied } });
  for (const glob of denied) {
    const to = { models: models.filter((each) => each !== glob) };
    ways.push({ field: "models", says: `without ${glob}`, to });
  }
  if (anyTag.length > 0) ways.push({ field: "any_tag", says: "without its tags", to: { anyTag: [] } });
  return ways;
}

/** Whether it makes a difference to anyone: another rule may keep out what this one would let in. */
function opens(
  snapshot: Snapshot,
  owners: readonly ClientKey[],
  edit: (key: ClientKey) => ClientKey,
): boolean {
  const names = [
    ...publicNames(snapshot),
    ...modelsIn(snapshot).flatMap((model) => nameOf(snapshot, model) ?? []),
    ...owners.flatMap(denials).filter((name) => !name.includes("*")),
  ];
  const providers = [...snapshot.providers.values()];
  return owners.some((before) => {
    const after = edit(before);
    const bears = (key: ClientKey, tags: readonly string[]) =>
      [key, ...(key.team === null ? [] : [key.team])].every(
        ({ anyTag }) => anyTag.length === 0 || anyTag.some((tag) => tags.includes(tag)),
      );
    return (
      names.some((name) => mayUse(before, [name]) !== mayUse(after, [name])) ||
      providers.some(({ tags }) => bears(before, tags) !== bears(after, tags))
    );
  });
}

const denials = ({ models, team }: ClientKey): readonly string[] =>
  [...models, ...(team?.models ?? [])].filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
