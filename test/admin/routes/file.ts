import type { Board } from "../../../src/admin/routes/board.ts";
import { compile } from "../../../src/config/compile.ts";
import { graphOf } from "../../../src/routing/graph.ts";

/** What `/admin/api/routes` says of a file when nothing has happened yet, with whatever a test wants to be different. */
export function boardOf(yaml: string, different: Partial<Board> = {}): Board {
  const bytes = new TextEncoder().encode(`version: 1\n${yaml}`);
  const compiled = compile([{ name: "routes.yaml", bytes }], {
    engine: "0.1.0",
    variables: {},
    unset: "warning",
  });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("\n"));
  const { snapshot } = compiled;
  return {
    ...{ generation: 1, digest: snapshot.digest, keys: [], disabled: [], endpoints: [] },
    ...graphOf(snapshot),
    providers: [...snapshot.providers.values()].map(({ name, enabled }) => ({
      ...{ provider: name, healthy: enabled, circuit: "closed" as const, limits: [] },
      reason: enabled ? null : ("disabled" as const),
    })),
    ...different,
  };
}
