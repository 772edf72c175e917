import type { Entry } from "../../tree.ts";
import type { FallbackCause } from "../causes.ts";
import type { Scope } from "../scope.ts";
import { textOf, textsOf } from "../values.ts";

/** Fallbacks of one cause: a list of mappings from a model to others, `*` for every model. */
export function readFallbacks(section: Entry | null, cause: FallbackCause, scope: Scope): void {
  if (section === null) return;
  const { value } = section;
  const mappings = value.kind === "sequence" ? value.items : [value];
  for (const mapping of mappings) {
    if (mapping.kind !== "mapping") continue;
    for (const entry of mapping.entries) readOne(entry, cause, scope);
  }
}

function readOne(entry: Entry, cause: FallbackCause, { draft, notes, modelNames }: Scope): void {
  const { key, value } = entry;
  const to = textsOf(value).map(({ text, at }) => ({ name: modelNames.of(text), at }));
  const known = value.kind === "sequence" ? value.items.filter((item) => textOf(item) !== null).length : 1;
  if (to.length === 0 || known < (value.kind === "sequence" ? value.items.length : 1)) {
    notes.unsupported(entry, "a fallback is the name of a model; parameters of its own belong to that model");
    return;
  }
  const every = key === "*";
  const froms = every
    ? [...draft.models.keys()].filter((name) =>
        draft.fallbacks.every((each) => each.from !== name || each.cause !== cause),
      )
    : [modelNames.of(key)];
  const suffix = cause === "any" ? "fallbacks" : `fallbacks.${cause}`;
  const where = every
    ? `models.*.${suffix} of every model that has none of its own`
    : `models.${modelNames.of(key)}.${suffix}`;
  for (const { name, at } of to) {
    notes.exact(at, where);
    for (const from of froms) if (name !== from) draft.fallbacks.push({ cause, from, to: name, at });
  }
}
