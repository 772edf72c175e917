import type { SecretRef } from "../domain/secret_ref.ts";
import { type SettingName, settings } from "../domain/settings.ts";
import type { Report, Severity } from "./diagnostic.ts";
import { positionOf } from "./places.ts";
import type { Spot } from "./tree.ts";

const openReference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** The environment as one compile sees it, and what the file refers to. */
export interface References {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly secret: { readonly name: string; readonly at: Spot }[];
  readonly open: { readonly name: string; readonly at: Spot; readonly isUnset: boolean }[];
}

/** Fills `${NAME}` and `${NAME:-default}` in; what is unset stays as it is written. */
export function expand(text: string, at: Spot, references: References): string {
  if (!text.includes("${")) return text;
  return text.replace(openReference, (whole, name: string, fallback: string | undefined) => {
    const value = isSetting(name) ? undefined : references.variables[name];
    const filled = fallback === undefined ? value : value === undefined || value === "" ? fallback : value;
    references.open.push({ name, at, isUnset: filled === undefined });
    return filled ?? whole;
  });
}

/** Whether a reference is left in a text, so that nothing more can be said of it. */
export const isUnresolved = (text: string): boolean => text.search(openReference) !== -1;

/** Whether a text that may be a reference is one. */
export const isReference = (text: string): boolean => text.startsWith("env:") || text.startsWith("file:");

/** Notes the variable that a secret field refers to. */
export function noteSecret(text: string, at: Spot, references: References): void {
  const ref = secretRef(text, at);
  if (ref.kind === "env") references.secret.push({ name: ref.name, at });
}

/** Reads a reference that the schema has accepted: `env:NAME`, `${NAME}`, `file:path` or `sha256:hex`. */
export function secretRef(text: string, at: Spot): SecretRef {
  if (text.startsWith("file:")) return { kind: "file", path: text.slice(5), at: positionOf(at) };
  if (text.startsWith("sha256:")) return { kind: "sha256", hex: text.slice(7).toLowerCase() };
  const name = text.startsWith("env:") ? text.slice(4) : text.slice(2, -1);
  return { kind: "env", name, at: positionOf(at) };
}

/** Reports settings that are referred to, variables that are secret here and open there, and unset ones. */
export function checkReferences(references: References, unset: Severity, report: Report): void {
  for (const { name, at } of [...references.secret, ...references.open]) {
    if (isSetting(name)) {
      report(
        "forbidden_reference",
        at,
        `${name} is a setting of the gateway and cannot be referred to; use a variable of another name.`,
      );
    }
  }
  const secrets = new Map(references.secret.map(({ name, at }) => [name, at]));
  for (const { name, at, isUnset } of references.open) {
    if (isSetting(name)) continue;
    const secret = secrets.get(name);
    if (secret !== undefined) {
      const related = [
        { file: secret.file, line: secret.line, column: secret.column, message: "Here it is a secret." },
      ];
      report(
        "forbidden_reference",
        at,
        `${name} stands in a secret field elsewhere, so it cannot stand in an open one.`,
        { related },
      );
    } else if (isUnset) {
      report(
        "unset_reference",
        at,
        `The variable ${name} is not set; set it, or give a default as in \${${name}:-value}.`,
        { severity: unset },
      );
    }
  }
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(settings, name);
