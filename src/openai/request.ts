import { isRecord } from "../core/record.ts";
import { err, ok, type Result } from "../core/result.ts";
import {
  array,
  boolean,
  type Check,
  type Checked,
  fine,
  integer,
  type Mistake,
  object,
  optional,
  prompt,
  shortText,
  string,
  wrong,
} from "./shape.ts";
import { jsonBytes, messageBytes, promptBytes } from "./text_bytes.ts";

/** The endpoints of OpenAI that requests come in on. */
type EndpointName = "chat" | "completions" | "embeddings";
type Body = Readonly<Record<string, unknown>>;

/** What a body says that matters for routing, limits and the journal. */
export interface RequestFacts {
  /** Null when it names none. */
  readonly model: string | null;
  readonly stream: boolean;
  /** Whether the stream has to end with a usage chunk. */
  readonly includeUsage: boolean;
  /** The bound on one answer in tokens; null when it set none; 0 for embeddings, which have none. */
  readonly maxTokens: number | null;
  /** How many answers: `n` for each prompt. */
  readonly n: number;
  /** The end user, where the client names one. */
  readonly user: string | null;
  /** UTF-8 bytes of text that the model has to read. */
  readonly textBytes: number;
  readonly tools: boolean;
  readonly images: boolean;
  /** Whether a JSON answer is asked for. */
  readonly json: boolean;
}

const roles: ReadonlySet<unknown> = new Set(["system", "developer", "user", "assistant", "tool", "function"]);
const maxChoices = 128;
const maxModelLength = 256;

const streamOptions: Check = (value, param) => {
  const checked = object(value, param);
  if (!checked.ok || !isRecord(value)) return checked;
  return optional(boolean)(value["include_usage"], `${param}.include_usage`);
};

const messages: Check = (value, param) => {
  if (!Array.isArray(value)) return wrong(param, "an array of messages", value);
  if (value.length === 0) return wrong(param, "a non-empty array of messages", value);
  for (const [index, message] of value.entries()) {
    const checked = checkMessage(message, `${param}[${index}]`);
    if (!checked.ok) return checked;
  }
  return fine;
};

/** What is read of every endpoint. */
const common = { model: optional(shortText(maxModelLength)), user: optional(string) };
const answering = {
  stream: optional(boolean),
  stream_options: optional(streamOptions),
  n: optional(integer(1, maxChoices)),
};

const rules: Readonly<Record<EndpointName, Readonly<Record<string, Check>>>> = {
  chat: {
    ...common,
    messages,
    ...answering,
    max_tokens: optional(integer(1)),
    max_completion_tokens: optional(integer(1)),
    tools: optional(array),
    functions: optional(array),
    response_format: optional(object),
  },
  // 0 tokens is how a prompt alone is scored, with `echo`.
  completions: { ...common, prompt, ...answering, max_tokens: optional(integer(0)) },
  embeddings: { ...common, input: prompt },
};

/** The same as lists, made once. */
const ruleList: Readonly<Record<EndpointName, readonly (readonly [string, Check])[]>> = {
  chat: Object.entries(rules.chat),
  completions: Object.entries(rules.completions),
  embeddings: Object.entries(rules.embeddings),
};

/** Checks what the gateway itself reads, and nothing else: the rest is the provider's to judge. */
export function checkRequest(endpoint: EndpointName, body: unknown): Result<Body, Mistake> {
  if (!isRecord(body)) return err({ param: null, message: "The body has to be a JSON object." });
  for (const [param, check] of ruleList[endpoint]) {
    const checked = check(body[param], param);
    if (!checked.ok) return checked;
  }
  return ok(body);
}

/** Reads the facts of a body that {@link checkRequest} accepted. */
export function readRequest(endpoint: EndpointName, body: Body): RequestFacts {
  const options = body["stream_options"];
  const format = body["response_format"];
  const stream = endpoint !== "embeddings" && body["stream"] === true;
  const model = body["model"];
  const user = body["user"];
  return {
    model: typeof model === "string" ? model : null,
    stream,
    includeUsage: stream && isRecord(options) && options["include_usage"] === true,
    maxTokens:
      endpoint === "embeddings" ? 0 : (number(body["max_completion_tokens"]) ?? number(body["max_tokens"])),
    n:
      endpoint === "embeddings"
        ? 1
        : (number(body["n"]) ?? 1) * (endpoint === "completions" ? promptCount(body["prompt"]) : 1),
    user: typeof user === "string" ? user : null,
    textBytes: textBytes(endpoint, body),
    tools: isNonEmpty(body["tools"]) || isNonEmpty(body["functions"]),
    images: endpoint === "chat" && hasImage(body["messages"]),
    json: isRecord(format) && (format["type"] === "json_object" || format["type"] === "json_schema"),
  };
}

function checkMessage(message: unknown, param: string): Checked {
  if (!isRecord(message)) return wrong(param, "an object", message);
  const { role, content } = message;
  if (!roles.has(role))
    return wrong(`${param}.role`, "system, developer, user, assistant, tool or function", role);
  if (content === undefined || content === null || typeof content === "string") return fine;
  if (!Array.isArray(content)) return wrong(`${param}.content`, "a string or an array of parts", content);
  const at = content.findIndex((part) => !isRecord(part));
  return at === -1 ? fine : wrong(`${param}.content[${at}]`, "an object", content[at]);
}

function textBytes(endpoint: EndpointName, body: Body): number {
  if (endpoint === "embeddings") return promptBytes(body["input"]);
  if (endpoint === "completions") return promptBytes(body["prompt"]) + promptBytes(body["suffix"]);
  const said = body["messages"];
  let bytes = jsonBytes(body["tools"]) + jsonBytes(body["functions"]);
  const format = body["response_format"];
  if (isRecord(format)) bytes += jsonBytes(format["json_schema"]);
  if (Array.isArray(said)) for (const message of said) bytes += messageBytes(message);
  return bytes;
}

function hasImage(said: unknown): boolean {
  if (!Array.isArray(said)) return false;
  return said.some((message) => {
    const content = isRecord(message) ? message["content"] : null;
    return Array.isArray(content) && content.some((part) => isRecord(part) && part["type"] === "image_url");
  });
}

/** A list of texts or of token arrays is that many prompts; a list of tokens is one. */
const promptCount = (value: unknown): number =>
  Array.isArray(value) && typeof value[0] !== "number" ? value.length : 1;

const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

const isNonEmpty = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
