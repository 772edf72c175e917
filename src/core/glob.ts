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

/** Whether a list of globs allows `names`: one that matches any of them, and no `!glob` that does. */
export function allowsAny(globs: readonly string[], names: readonly string[]): boolean {
  const hits = (glob: string) => names.some((name) => matchesGlob(glob, name));
  if (globs.some((glob) => glob.startsWith("!") && hits(glob.slice(1)))) return false;
  const allowing = globs.filter((glob) => !glob.startsWith("!"));
  return allowing.length === 0 || allowing.some(hits);
}
