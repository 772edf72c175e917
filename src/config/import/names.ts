/** Gives names that our grammar allows, each original one its own. */
export interface Naming {
  /** The name for an original one; the same each time it is asked. */
  readonly of: (original: string) => string;
}

/** Names of providers, keys and policies: letters, digits and `. _ -`. */
export const plainNames = (): Naming => naming((text) => slug(text, /[^A-Za-z0-9._-]+/g));

/** Public names: `: / @ +` too, and one `*` at the end. */
export const publicNames = (): Naming =>
  naming((text) => {
    const isPattern = text.endsWith("*");
    const head = isPattern ? text.replace(/\*+$/, "") : text;
    if (isPattern && head === "") return "*";
    return slug(head, /[^A-Za-z0-9._:/@+-]+/g) + (isPattern ? "*" : "");
  });

function slug(text: string, forbidden: RegExp): string {
  const latin = text.normalize("NFKD").replace(/\p{M}/gu, "");
  const words = latin.replace(forbidden, "-").replace(/^[^A-Za-z0-9]+/, "");
  // What stood at the end and was replaced leaves no dash; one that was there stays.
  const clean = /[-]$/.test(text) ? words : words.replace(/-+$/, "");
  return clean === "" ? "unnamed" : clean;
}

function naming(slugOf: (text: string) => string): Naming {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return {
    of: (original) => {
      const known = given.get(original);
      if (known !== undefined) return known;
      const wanted = slugOf(original);
      const name = firstFree(wanted, taken);
      given.set(original, name);
      taken.add(name);
      return name;
    },
  };
}

/** A name that is not taken: itself, or with a number behind it; a pattern's number stands before its `*`. */
export function firstFree(wanted: string, taken: ReadonlySet<string>, joint = "-"): string {
  const [head, tail] = wanted.endsWith("*") ? [wanted.slice(0, -1), "*"] : [wanted, ""];
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${head}${joint}${number}${tail}`;
  return name;
}
