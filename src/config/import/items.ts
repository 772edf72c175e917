import type { Entry, Mapping, Tree } from "../tree.ts";
import type { Place } from "./finding.ts";
import { nameOf, pick } from "./values.ts";

/** One of several things of a section, whichever way the section lists them. */
export interface Item {
  /** The key that it stands under, or a field of its own that names it; null: it has no name. */
  readonly name: string | null;
  /** Where its name is written, when in a field of its own. */
  readonly named: Entry | null;
  readonly holder: Mapping;
  readonly at: Place;
}

/** What a section lists: by name in a mapping, in a list, or just one, known by the fields that it has. */
export function itemsOf(
  section: Tree | undefined,
  names: readonly string[],
  fields: readonly string[],
): readonly Item[] {
  if (section === undefined) return [];
  if (section.kind === "scalar") {
    const name = nameOf(section);
    return name === null ? [] : [{ name, named: null, holder: emptyAt(section), at: section }];
  }
  if (section.kind === "sequence") return section.items.flatMap((item) => itemIn(item, names));
  if (pick(section, fields)?.value.kind === "scalar") return itemIn(section, names);
  return section.entries.flatMap((entry) => {
    const { key, value } = entry;
    if (value.kind === "sequence" || !/^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u.test(key)) return [];
    const holder = value.kind === "mapping" ? value : emptyAt(value);
    return [{ name: key, named: null, holder, at: entry }];
  });
}

function itemIn(item: Tree, names: readonly string[]): readonly Item[] {
  if (item.kind === "scalar") {
    const name = nameOf(item);
    return name === null ? [] : [{ name, named: null, holder: emptyAt(item), at: item }];
  }
  if (item.kind !== "mapping") return [];
  const named = pick(item, names);
  return [{ name: nameOf(named?.value), named, holder: item, at: item }];
}

const emptyAt = ({ at }: Tree): Mapping => ({ kind: "mapping", at, entries: [] });

/** Several mappings as one; what stands in an earlier one counts. */
export const together = (first: Mapping, ...others: readonly (Tree | undefined)[]): Mapping => ({
  ...first,
  entries: [...first.entries, ...others.flatMap((other) => (other?.kind === "mapping" ? other.entries : []))],
});
