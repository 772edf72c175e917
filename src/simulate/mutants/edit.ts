import type { ClientKey, FailoverPolicy, Model, Provider, Snapshot, Team } from "../../domain/snapshot.ts";

/** The same with one model changed, or gone. Whatever is not changed is shared. */
export const withModel = (snapshot: Snapshot, name: string, edit: (model: Model) => Model | null): Snapshot =>
  withModels(snapshot, (model) => (model.name === name ? edit(model) : model));

/** The same with one provider changed, in every target that leads to it. */
export function withProvider(
  snapshot: Snapshot,
  name: string,
  edit: (provider: Provider) => Provider,
): Snapshot {
  const before = snapshot.providers.get(name);
  if (before === undefined) return snapshot;
  const provider = edit(before);
  const providers = new Map(
    [...snapshot.providers].map(([key, each]) => [key, key === name ? provider : each]),
  );
  return withModels({ ...snapshot, providers }, (model) =>
    model.targets.some((target) => target.provider === before)
      ? {
          ...model,
          targets: model.targets.map((target) =>
            target.provider === before ? { ...target, provider } : target,
          ),
        }
      : model,
  );
}

/** The same with a policy changed, in every model that follows it. */
export const withPolicy = (
  snapshot: Snapshot,
  name: string,
  edit: (policy: FailoverPolicy) => FailoverPolicy,
): Snapshot =>
  withModels(snapshot, (model) =>
    model.failover.name === name ? { ...model, failover: edit(model.failover) } : model,
  );

/** The same with one client key changed. */
export const withKey = (snapshot: Snapshot, id: string, edit: (key: ClientKey) => ClientKey): Snapshot => ({
  ...snapshot,
  auth: { ...snapshot.auth, keys: snapshot.auth.keys.map((key) => (key.id === id ? edit(key) : key)) },
});

/** The same with one team changed, for each of its keys. */
export function withTeam(snapshot: Snapshot, name: string, edit: (team: Team) => Team): Snapshot {
  const before = snapshot.auth.teams.get(name);
  if (before === undefined) return snapshot;
  const team = edit(before);
  const keys = snapshot.auth.keys.map((key) => (key.team === before ? { ...key, team } : key));
  const teams = new Map([...snapshot.auth.teams].map(([key, each]) => [key, key === name ? team : each]));
  return { ...snapshot, auth: { keys, teams } };
}

/** The same without an alias. */
export const withoutAlias = (snapshot: Snapshot, name: string): Snapshot => ({
  ...snapshot,
  aliases: new Map([...snapshot.aliases].filter(([key]) => key !== name)),
});

function withModels(snapshot: Snapshot, edit: (model: Model) => Model | null): Snapshot {
  return {
    ...snapshot,
    models: new Map(
      [...snapshot.models].flatMap(([name, model]) => {
        const edited = edit(model);
        return edited === null ? [] : [[name, edited] as const];
      }),
    ),
    patterns: snapshot.patterns.flatMap((model) => edit(model) ?? []),
  };
}
