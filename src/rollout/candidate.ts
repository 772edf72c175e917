import { compile } from "../config/compile.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { checkSecrets } from "../config/secrets.ts";
import type { SourceFile } from "../config/source_file.ts";
import type { SecretRef } from "../domain/secret_ref.ts";
import type { Snapshot } from "../domain/snapshot.ts";

/** How far a configuration came, and why no further. */
export type Judged =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly stage: "compiled" | "bound"; readonly diagnostics: readonly Diagnostic[] };

/** What a configuration is judged with. */
export interface Judge {
  /** Of this program, for `requires`. */
  readonly engine: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly look: (ref: SecretRef) => "set" | "unset" | "unreadable" | "forbidden";
  /** Whether a configuration without keys may serve: on a loopback address, or where people said so. */
  readonly mayBeOpen: boolean;
}

/** Everything that can refuse a configuration, before the pointer moves: it compiles, and its secrets are there. */
export function judge(files: readonly SourceFile[], { engine, variables, look, mayBeOpen }: Judge): Judged {
  const compiled = compile(files, { engine, variables, unset: "error" });
  if (!compiled.ok) return { ok: false, stage: "compiled", diagnostics: compiled.diagnostics };
  const { snapshot } = compiled;
  const found = checkSecrets(snapshot, look, "error");
  const errors = found.filter(({ severity }) => severity === "error");
  const open = snapshot.auth.keys.length === 0 && !mayBeOpen ? [withoutKeys(files)] : [];
  if (errors.length + open.length > 0) return { ok: false, stage: "bound", diagnostics: [...found, ...open] };
  return { ok: true, snapshot, warnings: [...compiled.diagnostics, ...found] };
}

function withoutKeys(files: readonly SourceFile[]): Diagnostic {
  return {
    code: "missing_key",
    severity: "error",
    file: files[0]?.name ?? "routes.yaml",
    line: 1,
    column: 1,
    end_line: 1,
    end_column: 1,
    path: "auth.keys",
    message:
      "The file has no auth.keys and the gateway listens on a public address; add keys, or set ALLOW_OPEN=true.",
  };
}
