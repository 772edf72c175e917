import type { Model, Snapshot } from "../domain/snapshot.ts";
import { isAuto } from "../routing/plan.ts";
import { lookUp } from "../routing/resolve.ts";
import type { Case } from "./scenario/case.ts";
import { keyOf } from "./scenario/door.ts";

/** Everything that can have a say in what becomes of a case, by name. A change elsewhere cannot change how it goes. */
export interface Reach {
  readonly models: ReadonlySet<string>;
  readonly providers: ReadonlySet<string>;
  /** Whose policies and parameters are in force. */
  readonly asked: ReadonlySet<string>;
  readonly aliases: ReadonlySet<string>;
  readonly key: string | null;
  readonly team: string | null;
  /** Whether it asks for `auto`, and whether for no model at all. */
  readonly auto: boolean;
  readonly unnamed: boolean;
}

/** What a case can reach. */
export function reachOf(snapshot: Snapshot, { send, forAll }: Case): Reach {
  const asks: readonly (string | null)[] = forAll?.names ?? [send.model];
  const names = asks.map((name) => name ?? snapshot.defaultModel);
  const first = names.flatMap((name) => (name === null ? [] : startsOf(snapshot, name)));
  const models = modelsFrom(snapshot, first);
  const providers = [...models].flatMap(({ targets }) => targets.map(({ provider }) => provider.name));
  const key = send.key === null ? null : keyOf(snapshot, send.key);
  return {
    models: new Set([...models].map(({ name }) => name)),
    providers: new Set(providers),
    asked: new Set(first.map(({ name }) => name)),
    aliases: new Set(names.flatMap((name) => (name === null ? [] : aliasesAt(snapshot, name)))),
    key: send.key,
    team: key?.team?.name ?? null,
    auto: names.some((name) => name !== null && isAuto(snapshot, name)),
    unnamed: asks.includes(null),
  };
}

/** The models that a name leads to at once: one, or those of `auto`. */
export function startsOf(snapshot: Snapshot, name: string): readonly Model[] {
  if (isAuto(snapshot, name)) return snapshot.auto?.models.flatMap((each) => startsOf(snapshot, each)) ?? [];
  const model = lookUp(snapshot, name)?.model;
  return model === undefined ? [] : [model];
}

/** These models and all their fallbacks, theirs too. */
export function modelsFrom(snapshot: Snapshot, first: readonly Model[]): ReadonlySet<Model> {
  const found = new Set<Model>();
  const visit = (model: Model): void => {
    if (found.has(model)) return;
    found.add(model);
    const { any, context_window: window, content_policy: policy } = model.fallbacks;
    for (const name of [...any, ...window, ...policy]) {
      const next = lookUp(snapshot, name)?.model;
      if (next !== undefined) visit(next);
    }
  };
  for (const model of first) visit(model);
  return found;
}

function aliasesAt(
  { models, aliases }: Pick<Snapshot, "models" | "aliases">,
  name: string,
): readonly string[] {
  const alias = models.has(name) ? undefined : aliases.get(name);
  return alias === undefined ? [] : [name, ...aliasesAt({ models, aliases }, alias.to)];
}
