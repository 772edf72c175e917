import { existsSync } from "node:fs";
import { type Compiled, compile } from "../../config/compile.ts";
import { testChanges } from "../../config/diff/guards.ts";
import { checkSecrets, type Look } from "../../config/secrets.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { Vault } from "../../gateway/upstream/vault.ts";
import { mixOf } from "../../metrics/mix.ts";
import { openSqlite, type Sqlite } from "../../runtime/sqlite.ts";
import { serveThread } from "../../runtime/worker.ts";
import { planChange } from "../../simulate/plan.ts";
import { recordingIn } from "../../simulate/replay/database.ts";
import { gate } from "../../simulate/replay/gate.ts";
import { replay } from "../../simulate/replay/replay.ts";
import { runTests } from "../../simulate/tests.ts";
import type { DraftQuestion, DraftReply, Texts } from "./question.ts";

serveThread<DraftQuestion, DraftReply>((question, reply) => {
  look(question, reply).then(reply, (error: unknown) =>
    reply({ kind: "unable", why: error instanceof Error ? error.message : String(error) }),
  );
});

/** The same seed for everybody, as in the pipeline. */
const seed = 1;

async function look(question: DraftQuestion, reply: (message: DraftReply) => void): Promise<DraftReply> {
  const { draft, serving, wanted } = question;
  const made = compiled(draft, question);
  const base = compiled(serving, question);
  if (!base.ok) return { kind: "unable", why: "What serves now does not compile in this process any more." };
  if (!made.ok) {
    return wanted.kind === "check"
      ? { kind: "checked", diagnostics: made.diagnostics, plan: null, tests: null }
      : { kind: "unable", why: "The draft has mistakes; a replay needs one without." };
  }
  return wanted.kind === "check"
    ? check(question, base.snapshot, made)
    : replayed(question, base.snapshot, made.snapshot, wanted.sinceMs, reply);
}

const compiled = ({ files }: Texts, { engine, variables }: DraftQuestion): Compiled =>
  compile(files, { engine, variables, unset: "warning" });

/** What is not set here may be by the time that the draft serves: it is told, and stops nothing. */
function lookWith({ variables, secretsDir }: DraftQuestion): Look {
  const vault = new Vault(variables, secretsDir);
  const now = Date.now();
  return (ref) => (ref.kind === "sha256" ? "set" : vault.look(ref, now).kind);
}

async function check(
  question: DraftQuestion,
  base: Snapshot,
  { snapshot, diagnostics }: Compiled & { readonly ok: true },
): Promise<DraftReply> {
  const { draft, serving, database } = question;
  const bound = checkSecrets(snapshot, lookWith(question), "warning");
  const tested = draft.tests === null ? null : await runTests(snapshot, draft.tests);
  const guards = testChanges(serving.tests, draft.tests);
  const mix = await withDatabase(database, mixOf);
  const plan = await planChange(
    { snapshot: base, files: serving.files },
    { snapshot, files: draft.files },
    { mix, guards },
  );
  const failed = tested?.results.filter(({ mismatches }) => mismatches.length > 0).length ?? 0;
  return {
    kind: "checked",
    diagnostics: [...diagnostics, ...bound, ...(tested?.diagnostics ?? [])],
    plan,
    tests: tested === null ? null : { passed: tested.results.length - failed, failed },
  };
}

async function replayed(
  { database }: DraftQuestion,
  base: Snapshot,
  head: Snapshot,
  sinceMs: number,
  reply: (message: DraftReply) => void,
): Promise<DraftReply> {
  const done = await withDatabase(database, async (sqlite) => {
    let toldAt = 0;
    const onProgress = (at: number, of: number): void => {
      // A hundred steps are enough for any bar.
      if (at - toldAt < of / 100) return;
      toldAt = at;
      reply({ kind: "progress", done: at, of });
    };
    return replay(base, head, recordingIn(sqlite), { sinceMs, seed, onProgress });
  });
  return done === null
    ? { kind: "unable", why: "No traffic was recorded yet." }
    : { kind: "replayed", report: done, gate: gate(done, base.gates) };
}

/** Null where there is no journal yet. */
async function withDatabase<T>(file: string, use: (sqlite: Sqlite) => T | Promise<T>): Promise<T | null> {
  if (!existsSync(file)) return null;
  const sqlite = openSqlite(file, { readonly: true, busyMs: 5_000 });
  try {
    return await use(sqlite);
  } finally {
    sqlite.close();
  }
}
