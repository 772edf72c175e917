import { type FallbackCause, fallbackCauses } from "../causes.ts";
import type { JsonObject } from "../draft.ts";
import { knows } from "../finish.ts";
import type { Scope } from "../scope.ts";

type ByCause = { [cause in FallbackCause]?: string[] };

/** The fallbacks that can stand, by model and cause: both ends are there, and no model reaches itself. */
export function settleFallbacks(
  scope: Scope,
  aliases: ReadonlyMap<string, string>,
): ReadonlyMap<string, JsonObject> {
  const { draft, notes } = scope;
  const settled = new Map<string, ByCause>();
  const modelOf = (name: string): string | null => {
    const aim = aliases.get(name);
    if (draft.models.has(name)) return name;
    if (aim !== undefined) return modelOf(aim);
    return (
      [...draft.models.keys()].find((each) => each.endsWith("*") && name.startsWith(each.slice(0, -1))) ??
      null
    );
  };
  const reaches = (from: string, to: string): boolean =>
    from === to ||
    Object.values(settled.get(from) ?? {}).some((names) =>
      names.some((name) => reaches(modelOf(name) ?? "", to)),
    );

  for (const { cause, from, to, at } of draft.fallbacks) {
    const [owner, aim] = [modelOf(from), modelOf(to)];
    if (owner === null || !knows(draft, aliases, to) || aim === null) {
      notes.unsupported(
        at,
        `no model ${owner === null ? from : to} came over, so ${from} does not fall back to ${to}`,
      );
      continue;
    }
    const byCause = settled.get(owner) ?? {};
    const names = byCause[cause] ?? [];
    if (names.includes(to)) continue;
    if (reaches(aim, owner)) {
      notes.unsupported(
        at,
        `${to} falls back to ${from} already, so the other way would make a ring; it is left out`,
      );
      continue;
    }
    settled.set(owner, { ...byCause, [cause]: [...names, to] });
  }
  return new Map([...settled].map(([name, byCause]) => [name, inOrder(byCause)]));
}

const inOrder = (byCause: ByCause): JsonObject =>
  Object.fromEntries(
    fallbackCauses.flatMap((cause) => {
      const names = byCause[cause];
      return names === undefined ? [] : [[cause, names] as const];
    }),
  );
