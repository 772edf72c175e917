import { isRecord } from "../core/record.ts";

/** The body of every error that a client sees. https://platform.openai.com/docs/api-reference/errors */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string | null;
    readonly param: string | null;
  };
}

/** What a provider said went wrong, whatever shape it said it in. */
export interface ProviderError {
  /** At most {@link maxMessageLength} characters; empty when it said nothing. */
  readonly message: string;
  readonly code: string | null;
  readonly type: string | null;
  readonly param: string | null;
  /** A closer code, as Azure's `innererror.code`. */
  readonly innerCode: string | null;
  /** An HTTP status that stands in the body. */
  readonly status: number | null;
  /** How long to stay away, in milliseconds, where the body has it as a number of seconds. */
  readonly retryAfterMs: number | null;
}

/** More of a message tells nothing more. */
export const maxMessageLength = 1_000;
/** As much of a text is looked at to find its words: what a provider sends may be made to be slow to read. */
const maxRead = 8 * maxMessageLength;
/** As deep are words looked for. */
const maxNesting = 8;

/** A refusal as the body of an answer. */
export const errorBody = ({ message, type, code, param }: ErrorBody["error"]): ErrorBody => ({
  error: { message, type, code, param },
});

/** A failure after the first output, as the last event of a stream: the provider's words, or our code where it had none. */
export const streamError = (failure: {
  readonly kind: string;
  readonly message: string;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
}): ErrorBody =>
  errorBody({
    message: failure.message,
    type: failure.type ?? "api_error",
    code: failure.code ?? (failure.kind === "timeout" ? "upstream_timeout" : "upstream_error"),
    param: failure.param,
  });

/** Reads the text of an error answer: JSON in any of the shapes in use, or a page, or plain words. */
export function parseError(text: string): ProviderError {
  const trimmed = text.trim();
  if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
    try {
      return readError(JSON.parse(trimmed));
    } catch {
      // Cut off, or never JSON: its words are still worth showing.
    }
  }
  return {
    ...silent,
    message: boundedSentence(trimmed.startsWith("<") ? textOfPage(trimmed.slice(0, maxRead)) : trimmed),
  };
}

/** Reads a decoded error: `{error: {…}}`, `{error: "…"}`, `{message}`, `{detail}`, `{errors: […]}`, or a list of those. */
export function readError(value: unknown): ProviderError {
  if (typeof value === "string") return { ...silent, message: boundedSentence(value) };
  if (Array.isArray(value))
    return isRecord(value[0]) ? readError(value[0]) : { ...silent, message: boundedSentence(wordsOf(value)) };
  if (!isRecord(value)) return silent;
  const error = value["error"];
  if (isRecord(error)) return readFields(error);
  if (typeof error === "string" && error !== "")
    return { ...readFields(value), message: boundedSentence(error) };
  return readFields(value);
}

/** One line of at most {@link maxMessageLength} characters. */
export function boundedSentence(text: string): string {
  // Cut before it is cleaned, so that a page of spaces costs nothing.
  const line = text.slice(0, maxRead).replace(/\s+/g, " ").trim();
  return line.length <= maxMessageLength
    ? line
    : `${line
        .slice(0, maxMessageLength - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, "")}…`;
}

const silent: ProviderError = {
  message: "",
  code: null,
  type: null,
  param: null,
  innerCode: null,
  status: null,
  retryAfterMs: null,
};

function readFields(error: Readonly<Record<string, unknown>>): ProviderError {
  const metadata = isRecord(error["metadata"]) ? error["metadata"] : {};
  const inner = isRecord(error["innererror"]) ? error["innererror"] : {};
  const raw = typeof metadata["raw"] === "string" ? metadata["raw"] : "";
  const words = wordsOf(error);
  return {
    message: boundedSentence(raw === "" ? words : `${words}: ${raw}`),
    code: text(error["code"]),
    type: text(error["type"]) ?? (Number.isInteger(error["status"]) ? null : text(error["status"])),
    param: text(error["param"]),
    innerCode: text(inner["code"]) ?? text(metadata["error_type"]),
    status:
      statusOf(error["status_code"]) ??
      statusOf(error["status"]) ??
      statusOf(error["http_status_code"]) ??
      statusOf(error["code"]),
    retryAfterMs: secondsOf(error["retry_after"]) ?? secondsOf(metadata["retry_after_seconds"]),
  };
}

/** The sentence, wherever it is: providers nest validation errors in lists under `detail` or `errors`, also inside `message`. */
function wordsOf(value: unknown, nesting = 0): string {
  if (typeof value === "string") return value;
  if (nesting > maxNesting) return "";
  if (Array.isArray(value)) {
    const all = value.slice(0, 10).map((item) => wordsOf(item, nesting + 1));
    return all.filter((words) => words !== "").join("; ");
  }
  if (!isRecord(value)) return "";
  const where = Array.isArray(value["loc"]) ? `${value["loc"].join(".")}: ` : "";
  for (const name of ["message", "msg", "detail", "errors", "error_description", "title"]) {
    const words = wordsOf(value[name], nesting + 1);
    if (words !== "") return where + words;
  }
  return "";
}

function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, 200) : null;
}

function statusOf(value: unknown): number | null {
  const status = typeof value === "string" && /^[1-5]\d\d$/.test(value) ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : null;
}

const secondsOf = (value: unknown): number | null =>
  typeof value === "number" && value >= 0 && Number.isFinite(value) ? value * 1_000 : null;

function textOfPage(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title !== undefined && title !== "") return title;
  return page.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
}
