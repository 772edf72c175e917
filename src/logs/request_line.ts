import type { AttemptRow, RequestRow } from "../domain/journal.ts";
import { figure, named, quoted, rounded, timeText } from "./text.ts";

/**
 * The one log line that every request has, newline included, as pino would write it. pino itself takes ten times as
 * long for so many fields, and this is the only line that every request pays for. Its time is the end of the request.
 */
export const requestLine = (row: RequestRow, level: "info" | "error"): string =>
  `{"level":"${level}","time":"${timeText(row.arrived_at + row.duration_ms)}","msg":"request",` +
  `"request_id":${quoted(row.request_id)},${namesText(row)},` +
  `"asked":${row.asked === row.model ? named(row.model) : quoted(row.asked)},` +
  `"outcome":"${row.outcome}","status":${row.status},"code":${named(row.code)},"rule":${quoted(row.rule)},` +
  `"ms":${rounded(row.duration_ms)},"ttft_ms":${rounded(row.ttft_ms)},` +
  `"overhead_ms":${rounded(row.overhead_ms)},"stream":${row.stream},"tokens":${figure(row.usage.total)},` +
  `"cost_usd":${figure(row.cost_usd)},"warnings":${row.warnings.length === 0 ? "[]" : JSON.stringify(row.warnings)},` +
  `"attempts":[${attemptsText(row.attempts)}]}\n`;

/** What most requests for a model have in common. */
type Names = Pick<
  RequestRow,
  | ("generation" | "digest" | "arm" | "endpoint")
  | ("key_id" | "team" | "model" | "served_model" | "provider" | "upstream")
>;

/** By model, the names of its last request and their text. */
const lastNames = new Map<string | null, { readonly of: Names; readonly text: string }>();

/** Written anew only where it differs from the last request for the same model: half of a line's price. */
function namesText(row: RequestRow): string {
  const last = lastNames.get(row.model);
  if (last !== undefined && isAlike(last.of, row)) return last.text;
  const { generation, digest, arm, endpoint, key_id, team, model, served_model, provider, upstream } = row;
  const text =
    `"snapshot":"${generation}-${digest.slice(0, 8)}","arm":"${arm}","endpoint":"${endpoint}",` +
    `"key":${named(key_id)},"team":${named(team)},"model":${named(model)},` +
    `"served_model":${named(served_model)},"provider":${named(provider)},"upstream":${named(upstream)}`;
  // not the row itself, on which all of a request's texts hang
  const of = { generation, digest, arm, endpoint, key_id, team, model, served_model, provider, upstream };
  if (lastNames.size >= 1_000) lastNames.clear();
  lastNames.set(model, { of, text });
  return text;
}

const isAlike = (a: Names, b: Names): boolean =>
  a.key_id === b.key_id &&
  a.provider === b.provider &&
  a.upstream === b.upstream &&
  a.served_model === b.served_model &&
  a.endpoint === b.endpoint &&
  a.team === b.team &&
  a.arm === b.arm &&
  a.generation === b.generation &&
  a.digest === b.digest;

/** Attempts as the members of a JSON list. */
export function attemptsText(attempts: readonly AttemptRow[]): string {
  let text = "";
  for (const attempt of attempts) text += (text === "" ? "" : ",") + attemptText(attempt);
  return text;
}

const attemptText = ({ provider, upstream, outcome, status, duration_ms }: AttemptRow): string =>
  `{"provider":${named(provider)},"upstream":${named(upstream)},"outcome":"${outcome}","status":${status},` +
  `"ms":${rounded(duration_ms)}}`;
