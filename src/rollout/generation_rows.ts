import type { SourceFile } from "../config/source_file.ts";
import type { Sqlite, SqlRow, SqlValue } from "../runtime/sqlite.ts";
import type { AuditEntry } from "./audit.ts";
import type { GenerationState, GenerationSummary, Stage, StoredGeneration } from "./generation.ts";
import type { Origin } from "./source.ts";

/** One step on a generation's way. */
export interface Step {
  readonly stage: string;
  readonly at: number;
  readonly note: string | null;
}

/** Writes a generation's row, new or anew. Requests are counted by checkpoints, not here. */
export function writeGeneration(sqlite: Sqlite, generation: StoredGeneration): void {
  const { number, digest, origin, state, stage, reason, compiled, isGood } = generation;
  sqlite
    .prepare(
      `INSERT INTO generations (number, digest, source, state, files, active_at, retired_at, stage, reason, origin,
        tests, compiled, diagnostics, good, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (number) DO UPDATE SET digest = excluded.digest, source = excluded.source, state = excluded.state,
        files = excluded.files, active_at = excluded.active_at, retired_at = excluded.retired_at,
        stage = excluded.stage, reason = excluded.reason, origin = excluded.origin, tests = excluded.tests,
        compiled = excluded.compiled, diagnostics = excluded.diagnostics, good = excluded.good`,
    )
    .run(
      ...([number, digest, originName(origin), state] as const),
      JSON.stringify(generation.files.map(packed)),
      ...([rounded(generation.activeAt), rounded(generation.retiredAt), stage, reason] as const),
      JSON.stringify(origin),
      generation.tests === null ? null : JSON.stringify(packed(generation.tests)),
      ...([
        compiled,
        JSON.stringify(generation.diagnostics),
        isGood ? 1 : 0,
        rounded(generation.seenAt),
      ] as const),
    );
}

/** A generation as {@link writeGeneration} wrote it. */
export function readGeneration(row: SqlRow): StoredGeneration {
  const files: readonly Packed[] = JSON.parse(String(row["files"]));
  const tests = textOrNull(row["tests"]);
  return {
    ...readSummary(row),
    files: files.map(unpacked),
    tests: tests === null ? null : unpacked(JSON.parse(tests)),
    compiled: textOrNull(row["compiled"]),
  };
}

/** The same without its bytes. */
function readSummary(row: SqlRow): GenerationSummary {
  const activeAt = numberOrNull(row["active_at"]);
  return {
    number: Number(row["number"]),
    digest: textOrNull(row["digest"]),
    // Rows of versions that knew files only have no origin.
    origin: originIn(textOrNull(row["origin"]), String(row["source"])),
    state: row["state"] as GenerationState,
    stage: row["stage"] as Stage,
    reason: textOrNull(row["reason"]),
    diagnostics: JSON.parse(textOrNull(row["diagnostics"]) ?? "[]"),
    isGood: row["good"] === 1,
    seenAt: numberOrNull(row["seen_at"]) ?? activeAt ?? 0,
    activeAt,
    retiredAt: numberOrNull(row["retired_at"]),
    requests: Number(row["requests"]),
  };
}

/** All but the bytes, which nobody who lists generations waits for. */
const summary = `SELECT number, digest, source, origin, state, stage, reason, diagnostics, good, seen_at, active_at,
  retired_at, requests FROM generations`;

/** The newest generations first. */
export const historyIn = (sqlite: Sqlite, most: number): readonly GenerationSummary[] =>
  sqlite.prepare(`${summary} ORDER BY number DESC LIMIT ?`).all(most).map(readSummary);

/** Of those that served everybody and were not taken back, the most recent first: by their steps, for clocks are set back. */
export const goodOnes = `WHERE good = 1 AND active_at IS NOT NULL ORDER BY (
  SELECT max(steps.rowid) FROM steps WHERE steps.generation = number AND steps.stage = 'active'
) DESC, active_at DESC, number DESC`;

/** Those that served everybody and were not taken back, the most recent first. */
export const goodIn = (sqlite: Sqlite): readonly GenerationSummary[] =>
  sqlite.prepare(`${summary} ${goodOnes}`).all().map(readSummary);

/** One generation; null when it is not, or no longer, kept. */
export function generationIn(sqlite: Sqlite, number: number): StoredGeneration | null {
  const row = sqlite.prepare("SELECT * FROM generations WHERE number = ?").get(number);
  return row === null ? null : readGeneration(row);
}

/** The steps of the generations from the first to the last number, by number, oldest first. */
export function stepsIn(sqlite: Sqlite, first: number, last: number): ReadonlyMap<number, readonly Step[]> {
  const steps = new Map<number, Step[]>();
  const rows = sqlite
    .prepare("SELECT * FROM steps WHERE generation BETWEEN ? AND ? ORDER BY rowid")
    .all(first, last);
  for (const { generation, stage, at, note } of rows) {
    const own = steps.get(Number(generation)) ?? [];
    steps.set(Number(generation), own);
    own.push({ stage: String(stage), at: Number(at), note: textOrNull(note) });
  }
  return steps;
}

/** Who did what, the newest first. */
export const auditIn = (sqlite: Sqlite, most: number): readonly AuditEntry[] =>
  sqlite
    .prepare("SELECT at, who, action, detail FROM audit ORDER BY rowid DESC LIMIT ?")
    .all(most)
    .map(({ at, who, action, detail }) => ({
      at: Number(at),
      who: String(who),
      action: String(action),
      detail: JSON.parse(String(detail)),
    }));

interface Packed {
  readonly name: string;
  readonly base64: string;
}

const packed = ({ name, bytes }: SourceFile): Packed => ({
  name,
  base64: Buffer.from(bytes).toString("base64"),
});

const unpacked = ({ name, base64 }: Packed): SourceFile => ({
  name,
  bytes: new Uint8Array(Buffer.from(base64, "base64")),
});

/** How a source is named in a line. */
export const originName = (origin: Origin): string =>
  origin.kind === "file" ? origin.path : `${origin.repo} ${origin.ref} ${origin.sha}`;

const originIn = (json: string | null, source: string): Origin =>
  json === null ? { kind: "file", path: source } : JSON.parse(json);

const textOrNull = (value: SqlValue | undefined): string | null => (typeof value === "string" ? value : null);
const numberOrNull = (value: SqlValue | undefined): number | null =>
  typeof value === "number" ? value : null;
const rounded = (at: number | null): number | null => (at === null ? null : Math.round(at));
