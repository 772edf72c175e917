import { matchesGlob } from "../../../core/glob.ts";
import type { Draft } from "../draft.ts";

/** The model that a name leads to: itself, by aliases, or by a pattern; null: none, or back to where it began. */
export function modelBehind(
  { models }: Draft,
  aliases: ReadonlyMap<string, string>,
  name: string,
): string | null {
  const seen = new Set<string>();
  let current = name;
  for (let to = aliases.get(current); to !== undefined; to = aliases.get(current)) {
    if (seen.has(current)) return null;
    seen.add(current);
    current = to;
  }
  if (models.has(current)) return current;
  return [...models.keys()].find((each) => each.endsWith("*") && matchesGlob(each, current)) ?? null;
}
