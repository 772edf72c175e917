import type { Entry, Tree } from "../tree.ts";
import type { Json } from "./draft.ts";
import type { Scope } from "./scope.ts";
import { pick, textOf } from "./values.ts";
import { variableName } from "./variables.ts";
import type { Vendor } from "./vendors.ts";

const spellings = ["api_key", "apikey", "key", "token", "api_token", "auth_token", "access_token"];
const poolSpellings = ["api_keys", "keys", "tokens", "api_key_list"];

/** How a credential is spelled, alone or in a pool. */
export const keySpellings = [...spellings, ...poolSpellings];

/** Words that stand where a key would be, for servers that need none. */
const placeholders =
  /^(|none|null|empty|dummy|fake|na|n\/a|no[-_]?key|not[-_]needed|not[-_]required|anything|xxx+)$/i;

/** The credential of a provider, or a pool of them, as references; undefined: it needs none, or none is said. */
export function readCredential(
  holder: Tree,
  provider: string,
  { variable }: Vendor,
  scope: Scope,
): Json | undefined {
  const wanted = variable ?? `${variableName(provider)}_API_KEY`;
  const entry = pick(holder, spellings) ?? pick(holder, poolSpellings);
  if (entry === null) return undefined;
  const where = `providers.${provider}.api_key`;
  if (entry.value.kind === "scalar") return oneKey(entry, entry, wanted, where, scope) ?? undefined;
  if (entry.value.kind !== "sequence") return undefined;
  const pool = entry.value.items.flatMap((item) => oneKey(item, entry, wanted, where, scope) ?? []);
  return pool.length > 1 ? [...new Set(pool)] : pool[0];
}

function oneKey(
  place: Entry | Tree,
  entry: Entry,
  wanted: string,
  where: string,
  scope: Scope,
): string | null {
  const value = "key" in place ? place.value : place;
  const held = value.kind === "mapping" ? pick(value, spellings) : null;
  const text = textOf(held?.value ?? value) ?? "";
  const at = held ?? place;
  if (placeholders.test(text.trim())) {
    scope.notes.exact(at, "no key is needed");
    return null;
  }
  return noteSecret(at, scope, { text, wanted, where, line: (held ?? entry).keyAt.line });
}

/** Makes a reference of a secret and says what became of it. */
export function noteSecret(
  at: Entry | Tree,
  { notes, variables }: Scope,
  {
    text,
    wanted,
    where,
    line,
  }: { readonly text: string; readonly wanted: string; readonly where: string; readonly line: number },
): string {
  const { reference, name, isLiteral, was } = variables.secret(text.trim(), wanted, where, line);
  if (isLiteral)
    notes.approximated(at, `${where} as ${reference}: set ${name} to the value that stands here`);
  else if (was !== null)
    notes.approximated(
      at,
      `${where} as ${reference}: ${was} cannot be referred to here; set ${name} to the same value`,
    );
  else if (/:?-/.test(text) && text.startsWith("${"))
    notes.approximated(at, `${where} as ${reference}; secrets have no default here`);
  else notes.exact(at, `${where} as ${reference}`);
  return reference;
}
