import { isRecord } from "../../core/record.ts";
import { textOf } from "../../gateway/response/reply_text.ts";
import { SseDecoder } from "../../openai/sse.ts";

/** An answer of the gateway, as far as it came. */
export interface Answer {
  readonly text: string;
  /** OpenAI's object; null when it was streamed, or none came. */
  readonly body: unknown;
  /** What the gateway said went wrong; null: nothing did. */
  readonly error: { readonly code: string | null; readonly message: string } | null;
}

/** Reads an answer to its end, handing over each piece of its text as it comes. */
export async function readAnswer(
  response: Response,
  write: (text: string) => Promise<void>,
): Promise<Answer> {
  const type = response.headers.get("content-type") ?? "";
  if (response.body !== null && type.startsWith("text/event-stream")) return readStream(response.body, write);
  const body: unknown = await response.json();
  const error = errorIn(body);
  if (error !== null) return { text: "", body: null, error };
  const text = textOf(firstChoice(body));
  await write(text);
  return { text, body, error: null };
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  write: (text: string) => Promise<void>,
): Promise<Answer> {
  const sse = new SseDecoder();
  const utf8 = new TextDecoder();
  let text = "";
  let error: Answer["error"] = null;
  for await (const bytes of stream) {
    for (const { data } of sse.feed(utf8.decode(bytes, { stream: true })).events) {
      if (data === "[DONE]") continue;
      const chunk: unknown = JSON.parse(data);
      error ??= errorIn(chunk);
      const piece = textOf(firstChoice(chunk));
      text += piece;
      if (piece !== "") await write(piece);
    }
  }
  return { text, body: null, error };
}

const firstChoice = (body: unknown): unknown =>
  isRecord(body) && Array.isArray(body["choices"]) ? body["choices"][0] : null;

function errorIn(body: unknown): Answer["error"] {
  const error = isRecord(body) ? body["error"] : null;
  if (!isRecord(error)) return null;
  const { code, message } = error;
  return { code: typeof code === "string" ? code : null, message: String(message) };
}
