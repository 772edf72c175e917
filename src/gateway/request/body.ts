import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import { depthOf } from "../../openai/splice.ts";

/** A body nested deeper than this is nobody's chat. */
const maxDepth = 64;

/** A body as it came, and what it says. */
export interface JsonBody {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Bodies that were read before their turn, to choose a generation by whom they name. */
const alreadyRead = new WeakMap<Request, ReturnType<typeof readAnew>>();

/** Reads a body for {@link readJson} to give later, whose bound is then no larger. */
export function readAhead(request: Request, maxBytes: number): Promise<Result<JsonBody, Refusal>> {
  const reading = readAnew(request, maxBytes);
  alreadyRead.set(request, reading);
  return reading;
}

/** Reads a JSON body, or gives what was read ahead. */
export async function readJson(request: Request, maxBytes: number): Promise<Result<JsonBody, Refusal>> {
  const ahead = alreadyRead.get(request);
  if (ahead === undefined) return readAnew(request, maxBytes);
  const read = await ahead;
  return read.ok && Buffer.byteLength(read.value.text) > maxBytes ? err(tooLarge(maxBytes)) : read;
}

/** Reads a JSON body: bounded, valid UTF-8, an object, not nested beyond reason. `maxBytes` counts what is on the wire. */
async function readAnew(request: Request, maxBytes: number): Promise<Result<JsonBody, Refusal>> {
  const type = request.headers.get("content-type") ?? "application/json";
  if (!/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(type)) {
    return err(refuse("invalid_request", 'The content-type has to be "application/json".'));
  }
  const bytes = await readBytes(request, maxBytes);
  if (bytes === null) return err(tooLarge(maxBytes));
  const text = decode(bytes);
  if (text === null) return err(refuse("invalid_json", "The body is not valid UTF-8."));
  if (depthOf(text, maxDepth) > maxDepth)
    return err(refuse("invalid_json", `The body is nested deeper than ${maxDepth} levels.`));
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return ok({ text, value });
    return err(refuse("invalid_request", "The body has to be a JSON object."));
  } catch {
    return err(
      refuse("invalid_json", text.trim() === "" ? "The body is empty." : "The body is not valid JSON."),
    );
  }
}

const tooLarge = (maxBytes: number): Refusal =>
  refuse("body_too_large", `The body is larger than ${maxBytes} bytes.`);

/** The bytes of a body; null when they are more than `maxBytes`. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > maxBytes) return null;
  if (request.headers.has("content-length") || request.body === null)
    return new Uint8Array(await request.arrayBuffer());

  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > maxBytes) return null;
  }
  return Buffer.concat(pieces);
}

/** Without `stream`, a decoder keeps nothing from one text to the next. */
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}
