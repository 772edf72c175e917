import { settings } from "../../domain/settings.ts";
import { firstFree } from "./names.ts";

/** A variable that has to be set before the imported file can be served. */
export interface Variable {
  readonly name: string;
  /** What holds it. */
  readonly used_by: string;
  /** The line of the imported file in which its value stands, or is named. */
  readonly line: number;
  /** Its value stands there literally: it has to be moved into the environment. */
  readonly is_literal: boolean;
  /** The name that the imported file has for it, where ours is another. */
  readonly was?: string;
}

/** Turns values and references of other gateways into references of ours. */
export interface Variables {
  /** `env:NAME` for a secret field. A literal gets a variable of its own, named as wanted where that is free. */
  readonly secret: (value: string, wanted: string, usedBy: string, line: number) => Secret;
  /** `${NAME}` for an open field that refers to a variable; null where it is plain text. */
  readonly open: (value: string, usedBy: string, line: number) => string | null;
  /** `${NAME}` for a literal that must not stand in an open field. */
  readonly hide: (value: string, wanted: string, usedBy: string, line: number) => string;
  readonly all: () => readonly Variable[];
}

/** A reference, and whether the secret itself stood in the file. */
export interface Secret {
  readonly reference: string;
  readonly name: string;
  readonly isLiteral: boolean;
  /** The variable had to get another name. */
  readonly was: string | null;
}

/** The name of the variable that a text refers to, in the spelling of any gateway; null for a literal. */
export function variableIn(text: string): string | null {
  const spellings = [
    /^os\.environ\/([A-Za-z_]\w*)$/,
    /^os\.(?:environ\.get|getenv)\(["']([A-Za-z_]\w*)["']\)$/,
    /^env:([A-Za-z_]\w*)$/,
    /^env\.([A-Z_][A-Z0-9_]*)$/,
    /^\$\{(?:env[:.])?([A-Za-z_]\w*)(?::?[-?][^}]*)?\}$/,
    /^\$([A-Z_][A-Z0-9_]*)$/,
    /^\{\{\s*(?:env[:.])?([A-Za-z_]\w*)\s*\}\}$/,
  ];
  for (const spelling of spellings) {
    const name = spelling.exec(text.trim())?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

/** Begins with the names that the imported file refers to: they are taken. */
export function makeVariables(referred: readonly string[]): Variables {
  const variables = new Map<string, Variable>();
  const given = givenNames(referred);
  const note = (variable: Variable) => {
    if (!variables.has(variable.name)) variables.set(variable.name, variable);
  };
  const refer = (referredTo: string, use: Use, used_by: string, line: number) => {
    const name = given.forReference(referredTo, use);
    const was = name === referredTo ? null : referredTo;
    note({ name, used_by, line, is_literal: false, ...(was === null ? {} : { was }) });
    return { name, was };
  };
  const move = (value: string, wanted: string, use: Use, used_by: string, line: number) => {
    const name = given.forLiteral(value, wanted, use);
    note({ name, used_by, line, is_literal: true });
    return name;
  };
  return {
    secret: (value, wanted, usedBy, line) => {
      const referredTo = variableIn(value);
      if (referredTo !== null) {
        const { name, was } = refer(referredTo, "secret", usedBy, line);
        return { reference: `env:${name}`, name, isLiteral: false, was };
      }
      const name = move(value, wanted, "secret", usedBy, line);
      return { reference: `env:${name}`, name, isLiteral: true, was: null };
    },
    hide: (value, wanted, usedBy, line) => `\${${move(value, wanted, "open", usedBy, line)}}`,
    open: (value, usedBy, line) => {
      const referredTo = variableIn(value);
      return referredTo === null ? null : `\${${refer(referredTo, "open", usedBy, line).name}}`;
    },
    all: () => [...variables.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

/** In a secret field, or in an open one: a variable cannot be both. */
type Use = "secret" | "open";

/** The names that were given: the same for the same reference or literal in the same use. */
function givenNames(referred: readonly string[]) {
  const taken = new Set<string>([...referred, ...Object.keys(settings)]);
  const names = new Map<string, string>();
  const uses = new Map<string, Use>();
  const give = (key: string, use: Use, choose: () => string): string => {
    const name = names.get(key) ?? choose();
    names.set(key, name);
    taken.add(name);
    uses.set(name, use);
    return name;
  };
  return {
    forReference: (name: string, use: Use): string =>
      give(`${use} reference ${name}`, use, () => {
        const isFree = !Object.hasOwn(settings, name) && (uses.get(name) ?? use) === use;
        return isFree ? name : firstFree(`${name}_${use.toUpperCase()}`, taken, "_");
      }),
    forLiteral: (value: string, wanted: string, use: Use): string =>
      give(`${use} literal ${value}`, use, () => firstFree(wanted, taken, "_")),
  };
}

/** A name as variables have it: `azure-eu` is AZURE_EU. */
export const variableName = (text: string): string => {
  const name = text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^[0-9]/.test(name) || name === "" ? `KEY_${name}` : name;
};
