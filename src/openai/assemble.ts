import { isRecord } from "../core/record.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The objects that chunks are pieces of. */
const wholes: Readonly<Record<string, string>> = { "chat.completion.chunk": "chat.completion" };

/** Names whose texts are told once, not in pieces. */
const toldOnce: ReadonlySet<string> = new Set(["role", "id", "type", "object", "finish_reason"]);

/** The whole answer that the chunks of a stream are pieces of, as a client joins them; null when there are none. */
export function assemble(chunks: readonly string[], usage: unknown): Fields | null {
  const choices = new Map<unknown, Fields>();
  let head: Fields = {};
  for (const json of chunks) {
    const chunk: unknown = JSON.parse(json);
    if (!isRecord(chunk)) continue;
    const { choices: pieces, ...rest } = chunk;
    head = { ...head, ...rest };
    for (const piece of Array.isArray(pieces) ? pieces.filter(isRecord) : [])
      choices.set(piece["index"], joined(choices.get(piece["index"]) ?? {}, piece));
  }
  if (choices.size === 0) return null;
  const object = typeof head["object"] === "string" ? (wholes[head["object"]] ?? head["object"]) : undefined;
  const whole = [...choices.values()].map(({ delta, ...choice }) =>
    isRecord(delta) ? { ...choice, message: withoutPlaces(delta) } : choice,
  );
  return { ...head, object, choices: whole, ...(usage === null ? {} : { usage }) };
}

/** Texts are appended, lists joined by the index of their members, objects field by field. */
function joined(sum: Fields, piece: Fields): Fields {
  const all = new Map(Object.entries(sum));
  for (const [name, value] of Object.entries(piece)) {
    const before = all.get(name);
    if (value === null && before !== undefined) continue;
    if (typeof before === "string" && typeof value === "string" && !toldOnce.has(name))
      all.set(name, before + value);
    else if (isRecord(before) && isRecord(value)) all.set(name, joined(before, value));
    else if (Array.isArray(before) && Array.isArray(value)) all.set(name, joinedLists(before, value));
    else all.set(name, value);
  }
  return Object.fromEntries(all);
}

function joinedLists(sum: readonly unknown[], pieces: readonly unknown[]): readonly unknown[] {
  const all = [...sum];
  for (const piece of pieces) {
    const index = isRecord(piece) ? piece["index"] : undefined;
    const at = index === undefined ? -1 : all.findIndex((item) => isRecord(item) && item["index"] === index);
    const before = all[at];
    if (isRecord(before) && isRecord(piece)) all[at] = joined(before, piece);
    else all.push(piece);
  }
  return all;
}

/** Only pieces are numbered. */
function withoutPlaces(message: Fields): Fields {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return message;
  return {
    ...message,
    tool_calls: calls.map((call) => (isRecord(call) ? (({ index: _, ...rest }) => rest)(call) : call)),
  };
}
