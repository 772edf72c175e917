import { didYouMean, suggest } from "../config/suggest.ts";
import { type Disableable, disableableKinds } from "../domain/route.ts";
import type { Snapshot, Target } from "../domain/snapshot.ts";

/** Everything of a kind that a configuration names. */
const namesOf: Readonly<Record<Disableable["kind"], (snapshot: Snapshot) => readonly string[]>> = {
  provider: ({ providers }) => [...providers.keys()],
  model: ({ models, patterns }) => [...models.keys(), ...patterns.map(({ name }) => name)],
  key: ({ auth }) => auth.keys.map(({ id }) => id),
  target: (snapshot) => [...new Set(targetsOf(snapshot).map(nameOf))],
};

/**
 * Why something cannot be taken away: none of the configurations that serve has a thing of that name. Null when one has.
 */
export function unknownIn(snapshots: readonly Snapshot[], { kind, name }: Disableable): string | null {
  const names = snapshots.flatMap(namesOf[kind]);
  if (kind === "target" ? snapshots.some((each) => reaches(each, name)) : names.includes(name)) return null;
  const said = `No configuration that serves has a ${kind} ${JSON.stringify(name)}.`;
  const alias = snapshots.map(({ aliases }) => aliases.get(name)).find((each) => each !== undefined);
  if (kind === "model" && alias !== undefined)
    return `${said} It is an alias of ${JSON.stringify(alias.to)}.`;
  const other = disableableKinds.find((each) => snapshots.some((one) => namesOf[each](one).includes(name)));
  if (other !== undefined && other !== kind) return `${said} There is a ${other} of that name.`;
  return said + didYouMean(suggest(name, names));
}

/** A target bears the name of what is called: a pattern stands for all that it can be filled with, and is none itself. */
function reaches(snapshot: Snapshot, name: string): boolean {
  return targetsOf(snapshot).some((target) => {
    const written = nameOf(target);
    if (!written.endsWith("*")) return written === name;
    return name.length >= written.length && name.startsWith(written.slice(0, -1)) && !name.endsWith("*");
  });
}

const targetsOf = ({ models, patterns }: Snapshot): readonly Target[] =>
  [...models.values(), ...patterns].flatMap(({ targets }) => targets);

const nameOf = ({ provider, model }: Target): string => `${provider.name}/${model}`;
