import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { Secret } from "../../core/secret.ts";
import type { EpochMs } from "../../core/units.ts";
import type { SecretRef } from "../../domain/secret_ref.ts";

/** What became of a reference. */
export type Looked =
  | {
      readonly kind: "set";
      readonly secret: Secret /** Changes with the value; tells nothing of it. */;
      readonly version: string;
    }
  | { readonly kind: "unset" | "unreadable" | "forbidden" };

/** A file is looked at again after this long; its rotation needs no reload. */
const freshForMs = 1_000;
const maxSecretBytes = 64 * 1024;

/**
 * Resolves references to secrets at the moment they are needed. The only thing that ever holds values; what it returns
 * prints as `[secret]`.
 */
export class Vault {
  readonly #variables: Readonly<Record<string, string | undefined>>;
  readonly #directory: string;
  readonly #named = new Map<string, Looked>();
  readonly #files = new Map<string, { readonly at: EpochMs; readonly looked: Looked }>();

  /** `directory` is the setting SECRETS_DIR: `file:` may read below it and nowhere else. */
  constructor(variables: Readonly<Record<string, string | undefined>>, directory: string) {
    this.#variables = variables;
    this.#directory = directory;
  }

  look(ref: SecretRef, now: EpochMs): Looked {
    switch (ref.kind) {
      case "env":
        return this.#variable(ref.name);
      case "file": {
        const known = this.#files.get(ref.path);
        if (known !== undefined && now - known.at < freshForMs) return known.looked;
        const looked = this.#read(ref.path);
        this.#files.set(ref.path, { at: now, looked });
        return looked;
      }
      case "sha256":
        return { kind: "unset" };
    }
  }

  /** The environment of a process does not change. */
  #variable(name: string): Looked {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const value = this.#variables[name];
    const looked: Looked =
      value === undefined || value === ""
        ? { kind: "unset" }
        : { kind: "set", secret: new Secret(value), version: "env" };
    this.#named.set(name, looked);
    return looked;
  }

  #read(path: string): Looked {
    try {
      const root = realpathSync(this.#directory);
      const real = realpathSync(isAbsolute(path) ? path : resolve(root, path));
      const below = relative(root, real);
      // Kubernetes keeps the files of a secret in a directory whose own name begins with two dots.
      if (below === "" || /^\.\.(\/|$)/.test(below) || isAbsolute(below)) return { kind: "forbidden" };
      const { size, mtimeMs, ino } = statSync(real);
      if (size > maxSecretBytes) return { kind: "unreadable" };
      const value = readFileSync(real, "utf8").trim();
      return value === ""
        ? { kind: "unset" }
        : { kind: "set", secret: new Secret(value), version: `${ino} ${mtimeMs} ${size}` };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      return { kind: code === "ENOENT" || code === "ENOTDIR" ? "unset" : "unreadable" };
    }
  }
}
