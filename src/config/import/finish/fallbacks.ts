import { type FallbackCause, fallbackCauses } from "../causes.ts";
import type { JsonObject } from "../draft.ts";
import type { Scope } from "../scope.ts";
import { modelBehind } from "./names.ts";

type ByCause = { [cause in FallbackCause]?: string[] };

/** The fallbacks that can stand, by model and cause: both ends are there, and no model reaches itself. */
export function settleFallbacks(
  scope: Scope,
  aliases: ReadonlyMap<string, string>,
): ReadonlyMap<string, JsonObject> {
  const { draft, notes } = scope;
  const settled = new Map<string, ByCause>();
  const behind = (name: string) => modelBehind(draft, aliases, name);
  const reaches = (from: string | null, to: string): boolean =>
    from === to ||
    Object.values(settled.get(from ?? "") ?? {}).some((names) =>
      names.some((name) => reaches(behind(name), to)),
    );
  for (const { cause, from, to, at } of draft.fallbacks) {
    const [owner, aim] = [behind(from), behind(to)];
    const byCause = settled.get(owner ?? "") ?? {};
    const names = byCause[cause] ?? [];
    if (owner === null || aim === null) {
      const gone = owner === null ? from : to;
      notes.unsupported(at, `no model ${gone} came over, so ${from} does not fall back to ${to}`);
    } else if (names.includes(to)) {
      // The same fallback twice is one.
    } else if (reaches(aim, owner)) {
      const message = `${to} falls back to ${from} already, so the other way would make a ring; it is left out`;
      notes.unsupported(at, message);
    } else settled.set(owner, { ...byCause, [cause]: [...names, to] });
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
