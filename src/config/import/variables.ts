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
  const taken = new Set<string>([...referred, ...Object.keys(settings)]);
  const ofLiteral = new Map<string, string>();
  const ofReference = new Map<string, string>();
  const uses = new Map<string, "secret" | "open">();

  const nameFor = (referredTo: string, use: "secret" | "open"): string => {
    const known = ofReference.get(`${use} ${referredTo}`);
    if (known !== undefined) return known;
    // A setting cannot be referred to, nor can one variable be a secret here and open there.
    const isFree = !Object.hasOwn(settings, referredTo) && (uses.get(referredTo) ?? use) === use;
    const name = isFree ? referredTo : firstFree(`${referredTo}_${use.toUpperCase()}`, taken, "_");
    taken.add(name);
    uses.set(name, use);
    ofReference.set(`${use} ${referredTo}`, name);
    return name;
  };
  /** The same literal is one variable. */
  const nameForLiteral = (value: string, wanted: string, use: "secret" | "open"): string => {
    const name = ofLiteral.get(`${use} ${value}`) ?? firstFree(wanted, taken, "_");
    ofLiteral.set(`${use} ${value}`, name);
    taken.add(name);
    uses.set(name, use);
    return name;
  };
  const note = (variable: Variable) => {
    if (!variables.has(variable.name)) variables.set(variable.name, variable);
  };
  return {
    secret: (value, wanted, used_by, line) => {
      const referredTo = variableIn(value);
      if (referredTo !== null) {
        const name = nameFor(referredTo, "secret");
        const was = name === referredTo ? null : referredTo;
        note({ name, used_by, line, is_literal: false, ...(was === null ? {} : { was }) });
        return { reference: `env:${name}`, name, isLiteral: false, was };
      }
      const name = nameForLiteral(value, wanted, "secret");
      note({ name, used_by, line, is_literal: true });
      return { reference: `env:${name}`, name, isLiteral: true, was: null };
    },
    hide: (value, wanted, used_by, line) => {
      const name = nameForLiteral(value, wanted, "open");
      note({ name, used_by, line, is_literal: true });
      return `\${${name}}`;
    },
    open: (value, used_by, line) => {
      const referredTo = variableIn(value);
      if (referredTo === null) return null;
      const name = nameFor(referredTo, "open");
      note({ name, used_by, line, is_literal: false, ...(name === referredTo ? {} : { was: referredTo }) });
      return `\${${name}}`;
    },
    all: () => [...variables.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
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
