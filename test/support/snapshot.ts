import { compile } from "../../src/config/compile.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";

/** Compiles a routes.yaml given as text; a refused one fails the test with its diagnostics. `version: 1` may be left out. */
export function snapshotOf(yaml: string, variables: Readonly<Record<string, string>> = {}): Snapshot {
  const text = /^version:/m.test(yaml) ? yaml : `version: 1\n${yaml}`;
  const compiled = compile([{ name: "routes.yaml", bytes: new TextEncoder().encode(text) }], {
    engine: "0.1.0",
    variables,
    unset: "error",
  });
  if (!compiled.ok)
    throw new Error(
      compiled.diagnostics.map((d) => `${d.line}:${d.column} ${d.code} ${d.message}`).join("\n"),
    );
  return compiled.snapshot;
}
