import { isRecord } from "../../core/record.ts";
import { type Fields, withFields } from "../fields.ts";
import { argumentsOf } from "./message.ts";

/** A tool call that a stream has begun. */
export interface BegunCall {
  readonly choice: number;
  /** Its index with the provider, null when it gives none; and the one that clients see. */
  readonly theirs: number | null;
  readonly ours: number;
  readonly id: string | null;
}

/** The pieces as clients can join them, and all calls begun so far. */
export interface JoinableCalls {
  readonly calls: readonly unknown[];
  readonly begun: readonly BegunCall[];
}

/**
 * Makes pieces of tool calls joinable: each has an index, a new call an id, and only its first piece has id and name.
 *
 * Clients append what they get. DashScope repeats the id, Mistral gives no index, and Google's server gives every call index 0.
 */
export function joinCalls(
  pieces: readonly unknown[],
  choice: number,
  begun: readonly BegunCall[],
): JoinableCalls {
  let known = begun;
  let changed = false;
  const calls = pieces.map((piece) => {
    if (!isRecord(piece)) return piece;
    const theirs = typeof piece["index"] === "number" ? piece["index"] : null;
    const current = known.findLast(
      (call) => call.choice === choice && (theirs === null || call.theirs === theirs),
    );
    let next: Fields;
    if (current === undefined || begins(piece, current)) {
      const call: BegunCall = {
        choice,
        theirs,
        ours: freeIndex(known, choice, theirs),
        id: text(piece["id"]),
      };
      known = [...known, call];
      next = firstPiece(piece, call);
    } else {
      next = laterPiece(piece, current.ours);
    }
    changed ||= next !== piece;
    return next;
  });
  return { calls: changed ? calls : pieces, begun: known };
}

/** Another id together with a name is another call, whatever its index. */
function begins(piece: Fields, current: BegunCall): boolean {
  const id = text(piece["id"]);
  return (
    id !== null &&
    id !== current.id &&
    isRecord(piece["function"]) &&
    text(piece["function"]["name"]) !== null
  );
}

function freeIndex(known: readonly BegunCall[], choice: number, wanted: number | null): number {
  const taken = known.filter((call) => call.choice === choice).map((call) => call.ours);
  if (wanted !== null && Number.isInteger(wanted) && wanted >= 0 && !taken.includes(wanted)) return wanted;
  return taken.length === 0 ? 0 : Math.max(...taken) + 1;
}

function firstPiece(piece: Fields, call: BegunCall): Fields {
  const { function: called } = piece;
  return withFields(piece, {
    index: call.ours,
    id: call.id ?? `call_${call.choice}_${call.ours}`,
    type: text(piece["type"]) ?? "function",
    ...(isRecord(called)
      ? { function: withFields(called, { arguments: argumentsOf(called["arguments"], "") }) }
      : {}),
  });
}

function laterPiece(piece: Fields, index: number): Fields {
  const { function: called } = piece;
  return withFields(piece, {
    index,
    id: undefined,
    type: piece["type"] === undefined ? undefined : (text(piece["type"]) ?? "function"),
    ...(isRecord(called) ? { function: laterFunction(called) } : {}),
  });
}

const laterFunction = (called: Fields): Fields =>
  withFields(called, {
    name: text(called["name"]) ?? undefined,
    arguments: called["arguments"] === undefined ? undefined : argumentsOf(called["arguments"], ""),
  });

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
