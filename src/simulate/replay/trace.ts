import { createHmac, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { EpochMs } from "../../core/units.ts";
import { endpoints } from "../../domain/endpoint.ts";
import type { Recorded, RecordedAttempt, Recording } from "./recorded.ts";

/** The first line of a trace. */
interface Header {
  readonly switchyard_trace: 1;
  /** Hex; with it whoever has the file that names the keys can tell which is which, and nobody else. */
  readonly salt: string;
  readonly newest: EpochMs;
  readonly requests: number;
}

/**
 * Recorded traffic as JSON lines, for a CI that may not see the database: keys are pseudonyms, names that led nowhere are
 * left out, and prompts and addresses were never recorded.
 */
export async function* traceLines(recording: Recording, from: EpochMs): AsyncGenerator<string> {
  const salt = randomBytes(16).toString("hex");
  const newest = recording.newest ?? 0;
  const header: Header = { switchyard_trace: 1, salt, newest, requests: recording.count(from) };
  yield `${JSON.stringify(header)}\n`;
  for await (const slice of recording.slices(from)) {
    let lines = "";
    for (const recorded of slice) {
      const keyId = recorded.keyId === null ? null : pseudonym(salt, recorded.keyId);
      const asked = recorded.code === "model_not_found" ? "unknown" : recorded.asked;
      // A chance says nothing of a user, but with all its digits it would tell two traces' users apart.
      const userChance = Math.round(recorded.userChance() * 1e4) / 1e4;
      lines += `${JSON.stringify({ ...recorded, keyId, asked, userChance })}\n`;
    }
    yield lines;
  }
}

/** Opens a trace; `keyIds` are those that its pseudonyms may stand for. Or one sentence why it is none. */
export async function openTrace(file: string, keyIds: readonly string[]): Promise<Result<Recording, string>> {
  const first = await firstLine(file);
  const header = first === null ? null : headerIn(first);
  if (header === null)
    return err(`${file} is no trace: its first line has to be what "trace export" begins with.`);
  const names = new Map(keyIds.map((id) => [pseudonym(header.salt, id), id]));
  return ok({
    newest: header.requests === 0 ? null : header.newest,
    count: () => header.requests,
    slices: (from) => slicesOf(file, from, names),
    attempts: (from) => attemptsOf(file, from),
  });
}

const pseudonym = (salt: string, keyId: string): string =>
  createHmac("sha256", salt).update(keyId).digest("hex").slice(0, 16);

async function firstLine(file: string): Promise<string | null> {
  for await (const line of linesOf(file)) return line;
  return null;
}

const linesOf = (file: string) =>
  createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });

function headerIn(line: string): Header | null {
  const value = parsed(line);
  if (!isRecord(value) || value["switchyard_trace"] !== 1) return null;
  const { salt, newest, requests } = value;
  return typeof salt === "string" && typeof newest === "number" && typeof requests === "number"
    ? { switchyard_trace: 1, salt, newest, requests }
    : null;
}

/** Lines per slice. */
const slice = 5_000;

async function* slicesOf(
  file: string,
  from: EpochMs,
  names: ReadonlyMap<string, string>,
): AsyncGenerator<readonly Recorded[]> {
  let requests: Recorded[] = [];
  for await (const line of linesOf(file)) {
    const recorded = recordedIn(parsed(line));
    if (recorded === null || recorded.arrivedAt < from) continue;
    const keyId = recorded.keyId === null ? null : (names.get(recorded.keyId) ?? recorded.keyId);
    requests.push({ ...recorded, keyId });
    if (requests.length < slice) continue;
    yield requests;
    requests = [];
  }
  if (requests.length > 0) yield requests;
}

async function* attemptsOf(file: string, from: EpochMs): AsyncGenerator<readonly RecordedAttempt[]> {
  for await (const requests of slicesOf(file, from, new Map()))
    yield requests.flatMap(({ attempts }) => attempts);
}

/** A line of ours; null for any other, as the header or a line that was cut. */
function recordedIn(value: unknown): Recorded | null {
  if (!isRecord(value)) return null;
  const { arrivedAt, chance, userChance, endpoint, attempts } = value;
  const isOurs =
    typeof arrivedAt === "number" &&
    typeof chance === "number" &&
    typeof userChance === "number" &&
    typeof endpoint === "string" &&
    Object.hasOwn(endpoints, endpoint) &&
    Array.isArray(attempts) &&
    attempts.every((attempt) => isRecord(attempt) && isRecord(attempt["usage"]));
  // The rest was written by `traceLines`; what a hand has changed can at most make the replay unlike the past.
  return isOurs ? { ...(value as unknown as Recorded), userChance: () => userChance } : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
