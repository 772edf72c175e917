import type { Entry, Tree } from "../tree.ts";
import type { Scope } from "./scope.ts";
import { pick, soundsSecret, textOf } from "./values.ts";
import { variableName } from "./variables.ts";

/** How a block of headers is spelled. */
export const headerSpellings = ["extra_headers", "headers", "default_headers", "custom_headers"];

/** The headers that a mapping sends along. One that holds a secret refers to a variable. */
export function readHeaders(holder: Tree, provider: string, scope: Scope): Readonly<Record<string, string>> {
  const block = pick(holder, headerSpellings);
  const headers: Record<string, string> = {};
  if (block?.value.kind !== "mapping") return headers;
  for (const entry of block.value.entries) {
    const value = readHeader(entry, provider, scope);
    if (value !== null) headers[entry.key] = value;
  }
  return headers;
}

/** One header, or a field that becomes one under a name of ours. */
export function readHeader(entry: Entry, provider: string, scope: Scope, name = entry.key): string | null {
  const { notes, variables } = scope;
  const text = textOf(entry.value);
  const where = `providers.${provider}.headers.${name}`;
  if (text === null || text === "") {
    notes.exact(entry, "nothing is set");
    return null;
  }
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || !/^[^\p{Cc}]+$/u.test(text)) {
    notes.unsupported(entry, "a header is one line of text");
    return null;
  }
  const reference = variables.open(text, where, entry.keyAt.line);
  if (reference !== null) {
    notes.exact(entry, where);
    return reference;
  }
  const isHidden = soundsSecret(name) || looksSecret(text);
  if (!isHidden) {
    notes.exact(entry, where);
    return text;
  }
  const [, scheme = "", secret = text] = /^((?:Bearer|Basic|Token)\s+)(.+)$/i.exec(text) ?? [];
  const known = variables.open(secret, where, entry.keyAt.line);
  const wanted = `${variableName(provider)}_${variableName(name)}`;
  const shown = known ?? variables.hide(secret, wanted, where, entry.keyAt.line);
  if (known === null) notes.approximated(entry, `${where} as ${shown}: set it to the value that stands here`);
  else notes.exact(entry, `${where} as ${shown}`);
  return scheme + shown;
}

/** A long run of letters and digits, or what begins as keys do. */
const looksSecret = (text: string): boolean =>
  /\b(sk|pk|rk|gh[a-z]|xox[a-z])[-_][A-Za-z0-9_-]{6,}/.test(text) || /[A-Za-z0-9_-]{24,}/.test(text);
