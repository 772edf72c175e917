/** Decoded fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * `from` with some fields set, and those set to undefined left out. The very object where that changes nothing, so that an
 * answer that needs no change keeps its bytes.
 */
export function withFields(from: Fields, changes: Fields): Fields {
  let result: Map<string, unknown> | null = null;
  for (const name in changes) {
    const value = changes[name];
    if (Object.hasOwn(from, name) ? from[name] === value && value !== undefined : value === undefined)
      continue;
    result ??= new Map(Object.entries(from));
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  return result === null ? from : Object.fromEntries(result);
}

/** Each item changed; the very array where none was. */
export function mapKept<T>(items: readonly T[], change: (item: T, index: number) => T): readonly T[] {
  let changed = false;
  const result = items.map((item, index) => {
    const next = change(item, index);
    changed ||= next !== item;
    return next;
  });
  return changed ? result : items;
}
