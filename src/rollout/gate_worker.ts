import { existsSync } from "node:fs";
import { compile } from "../config/compile.ts";
import type { SourceFile } from "../config/source_file.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { serveThread } from "../runtime/worker.ts";
import { recordingIn } from "../simulate/replay/database.ts";
import { type GateVerdict, gate } from "../simulate/replay/gate.ts";
import { replay } from "../simulate/replay/replay.ts";

/** Two configurations as bytes, and the traffic to judge the second by. */
export interface GateRequest {
  readonly base: readonly SourceFile[];
  readonly head: readonly SourceFile[];
  readonly database: string;
  readonly engine: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** What the base's gates make of it; or why nobody can tell. */
export type GateReply = GateVerdict | { readonly kind: "unable"; readonly why: string };

serveThread<GateRequest, GateReply>((request, reply) => {
  judge(request).then(reply, (error: unknown) =>
    reply({ kind: "unable", why: error instanceof Error ? error.message : String(error) }),
  );
});

/** The same seed for everybody: the verdict on a change does not depend on when it is asked for. */
const seed = 1;

async function judge({ base, head, database, engine, variables }: GateRequest): Promise<GateReply> {
  const given = { engine, variables, unset: "warning" } as const;
  const [from, to] = [compile(base, given), compile(head, given)];
  if (!from.ok || !to.ok)
    return { kind: "unable", why: "a configuration does not compile in the gate's thread" };
  const { replay: rules } = from.snapshot.gates;
  if (rules === null) return { kind: "passed" };
  if (!existsSync(database)) return { kind: "inconclusive", why: "no traffic was recorded" };
  const sqlite = openSqlite(database, { readonly: true, busyMs: 5_000 });
  try {
    const report = await replay(from.snapshot, to.snapshot, recordingIn(sqlite), {
      sinceMs: rules.sinceMs,
      seed,
    });
    return gate(report, from.snapshot.gates);
  } finally {
    sqlite.close();
  }
}
