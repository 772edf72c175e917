/** Whether `name` matches `glob`, in which `*` stands for any text, `/` included. Linear: no backtracking. */
export function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split("*");
  const first = parts[0] ?? "";
  if (parts.length === 1) return glob === name;
  const last = parts[parts.length - 1] ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;

  let from = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** What a list of globs says of names. */
export interface Allowance {
  readonly allows: boolean;
  /** The index of the glob that decided; null: none spoke of them. */
  readonly by: number | null;
}

/** A list of globs allows `names` when one matches any of them and no `!glob` does, or when it only denies, and not them. */
export function judge(globs: readonly string[], names: readonly string[]): Allowance {
  const hits = (glob: string) => names.some((name) => matchesGlob(glob, name));
  const denying = globs.findIndex((glob) => isDenial(glob) && hits(glob.slice(1)));
  if (denying !== -1) return { allows: false, by: denying };
  const allowing = globs.findIndex((glob) => !isDenial(glob) && hits(glob));
  return allowing === -1 ? { allows: globs.every(isDenial), by: null } : { allows: true, by: allowing };
}

/** Whether a list of globs allows `names`. */
export const allowsAny = (globs: readonly string[], names: readonly string[]): boolean =>
  judge(globs, names).allows;

const isDenial = (glob: string): boolean => glob.startsWith("!");
