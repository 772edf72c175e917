import type { SourceFile } from "../config/source_file.ts";
import type { EpochMs } from "../core/units.ts";
import type { AuditEntry } from "./audit.ts";
import type { GenerationSummary, StoredGeneration } from "./generation.ts";
import type { Step } from "./generation_rows.ts";

/** One generation as `/admin/api/history` and `switchyard history` show it. Times are RFC 3339 UTC. */
export interface HistoryEntry {
  readonly generation: number;
  readonly state: string;
  readonly stage: string;
  readonly reason: string | null;
  readonly digest: string | null;
  readonly source: "file" | "git";
  /** Of the file, or of the repository, which bears no credentials. */
  readonly path: string | null;
  readonly repo: string | null;
  readonly ref: string | null;
  readonly git_sha: string | null;
  readonly author: string | null;
  readonly signer: string | null;
  readonly seen_at: string;
  readonly active_at: string | null;
  readonly retired_at: string | null;
  /** Every stretch of time in which it served, oldest first: a generation may come back. */
  readonly served: readonly Stretch[];
  readonly requests: number;
  readonly errors: number;
  readonly warnings: number;
}

/** A stretch of time in which a generation served everybody, or a slice as a canary; `to` null: it still does. */
export interface Stretch {
  readonly as: "active" | "canary";
  readonly from: string;
  readonly to: string | null;
}

/** A row as people read it; `unwritten` are requests that no checkpoint has counted yet. */
export function entryOf(row: GenerationSummary, unwritten: number, steps: readonly Step[]): HistoryEntry {
  const { number, state, stage, reason, digest, diagnostics } = row;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return {
    ...{ generation: number, state, stage, reason, digest },
    ...originOf(row),
    seen_at: time(row.seenAt),
    active_at: timeOrNull(row.activeAt),
    retired_at: timeOrNull(row.retiredAt),
    served: servedIn(steps),
    requests: row.requests + unwritten,
    errors,
    warnings: diagnostics.length - errors,
  };
}

/** Each step ends what the one before began; the same step twice goes on with it. */
function servedIn(steps: readonly Step[]): readonly Stretch[] {
  const changes = steps.filter(({ stage }, index) => stage !== steps[index - 1]?.stage);
  return changes.flatMap(({ stage, at }, index) =>
    stage === "active" || stage === "canary"
      ? [{ as: stage, from: time(at), to: timeOrNull(changes[index + 1]?.at ?? null) }]
      : [],
  );
}

function originOf({ origin }: GenerationSummary) {
  const nothing = { path: null, repo: null, ref: null, git_sha: null, author: null, signer: null };
  if (origin.kind === "file") return { ...nothing, source: origin.kind, path: origin.path };
  const { kind: source, repo, ref, sha: git_sha, author, signer } = origin;
  return { ...nothing, source, repo, ref, git_sha, author, signer };
}

/** All that is kept of a generation: its way, what was found in it, its compiled form, and its texts. */
export const detailOf = (row: StoredGeneration, unwritten: number, steps: readonly Step[]) => ({
  ...entryOf(row, unwritten, steps),
  steps: steps.map(({ stage, at, note }) => ({ stage, at: time(at), note })),
  diagnostics: row.diagnostics,
  compiled: row.compiled === null ? null : (JSON.parse(row.compiled) as unknown),
  files: row.files.map(textOf),
  tests: row.tests === null ? null : textOf(row.tests),
});

/** Who did what, as people read it. */
export const auditOf = ({ at, who, action, detail }: AuditEntry) => ({
  at: time(at),
  who,
  action,
  ...detail,
});

/** The files that two generations do not have in common, by name, each with its two texts; null: it is not there. */
export function textChanges(from: StoredGeneration, to: StoredGeneration) {
  const [before, after] = [textsOf(from), textsOf(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .map((name) => ({ name, from: before.get(name) ?? null, to: after.get(name) ?? null }))
    .filter((each) => each.from !== each.to);
}

const textsOf = ({ files, tests }: StoredGeneration): ReadonlyMap<string, string> =>
  new Map([...files, ...(tests === null ? [] : [tests])].map(textOf).map(({ name, text }) => [name, text]));

const textOf = ({ name, bytes }: SourceFile) => ({ name, text: new TextDecoder().decode(bytes) });

const time = (at: EpochMs): string => new Date(at).toISOString();
const timeOrNull = (at: EpochMs | null): string | null => (at === null ? null : time(at));
