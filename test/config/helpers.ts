import type { Compiled, Given } from "../../src/config/compile.ts";
import { compile } from "../../src/config/compile.ts";
import type { Diagnostic } from "../../src/config/diagnostic.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";

/** A provider and a model, so that a test writes only what it is about. */
export const base = `version: 1
providers:
  one: { kind: openai, api_key: env:ONE_KEY, models: { "*": { price: free } } }
  two: { kind: anthropic, api_key: env:TWO_KEY, models: { "*": { price: free } } }
models:
  chat: { targets: [one/a, two/b] }
`;

export const source = (text: string, name = "routes.yaml") => ({
  name,
  bytes: new TextEncoder().encode(text),
});

/** Compiles texts, the first being the root file. */
export function compileText(
  text: string | readonly (readonly [name: string, text: string])[],
  given: Partial<Given> = {},
): Compiled {
  const files = typeof text === "string" ? [source(text)] : text.map(([name, each]) => source(each, name));
  return compile(files, { engine: "0.1.0", variables: {}, ...given });
}

/** The Snapshot of a text that must compile. */
export function snapshotOf(text: Parameters<typeof compileText>[0], given: Partial<Given> = {}): Snapshot {
  const compiled = compileText(text, given);
  if (!compiled.ok) throw new Error(show(compiled.diagnostics).join("\n"));
  return compiled.snapshot;
}

/** `line:column code` of each. */
export const brief = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);

export const show = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(
    (each) => `${each.file}:${each.line}:${each.column} ${each.severity} ${each.code} ${each.message}`,
  );
