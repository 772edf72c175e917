import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { textOf } from "./parts.ts";
import { signatureIn, signed } from "./signatures.ts";

/** A call that a conversation has come by. */
interface Call {
  readonly name: string;
  /** How many came before it. */
  readonly place: number;
}

/** The result of a call as a part, and the place of its call. */
export interface Result {
  readonly part: Fields;
  readonly place: number;
}

/**
 * The calls of a conversation, in the order in which they are met. OpenAI matches a result to its call by id; Gemini by name
 * and order, newer models by id too.
 */
export class Calls {
  readonly #withIds: boolean;
  readonly #losses: Losses;
  readonly #byId = new Map<unknown, Call>();
  #count = 0;

  constructor(withIds: boolean, losses: Losses) {
    this.#withIds = withIds;
    this.#losses = losses;
  }

  /** The calls of an assistant's message as parts. */
  made(message: Fields): readonly Fields[] {
    const legacy = message["function_call"];
    const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"].filter(isRecord) : [];
    if (calls.length === 0 && isRecord(legacy))
      return [this.#call(legacy["name"], legacy["arguments"], null)];
    return calls.map((call) => {
      const { id, function: called, custom } = call;
      const part = isRecord(custom)
        ? this.#call(custom["name"], { input: custom["input"] }, id)
        : this.#call(isRecord(called) ? called["name"] : "", isRecord(called) ? called["arguments"] : "", id);
      return signed(part, signatureIn(call));
    });
  }

  /** What a tool answered; null when it answers no call that is known. */
  answered(message: Fields): Result | null {
    const { role, content, name } = message;
    const id = role === "tool" ? message["tool_call_id"] : name;
    const call = this.#byId.get(role === "tool" ? id : legacyId(name));
    if (call === undefined) return null;
    const response = responseOf(textOf(content));
    const ids = this.#withIds && role === "tool" ? { id } : {};
    return { part: { functionResponse: { ...ids, name: call.name, response } }, place: call.place };
  }

  #call(said: unknown, written: unknown, id: unknown): Fields {
    const name = typeof said === "string" ? said : "";
    this.#byId.set(id ?? legacyId(name), { name, place: this.#count++ });
    const ids = this.#withIds && typeof id === "string" ? { id } : {};
    return { functionCall: { ...ids, name, args: this.#argumentsOf(written) } };
  }

  /** Arguments have to be an object; what a model once wrote that is none is kept as text. */
  #argumentsOf(written: unknown): Fields {
    if (isRecord(written)) return written;
    if (typeof written !== "string" || written.trim() === "") return {};
    const parsed = parse(written);
    if (isRecord(parsed)) return parsed;
    this.#losses.say(
      "messages",
      "messages[].tool_calls[].function.arguments sent as text: they are no object",
    );
    return { arguments: written };
  }
}

/** A result has to be an object: what is none becomes its `result`. https://ai.google.dev/api/caching#FunctionResponse */
function responseOf(text: string): Fields {
  const parsed = parse(text);
  if (isRecord(parsed)) return parsed;
  return { result: Array.isArray(parsed) ? parsed : text };
}

/** The value of a JSON text; undefined when it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What OpenAI's calls before tools are matched by. No id of a tool call looks like it. */
const legacyId = (name: unknown): string => `function\n${String(name)}`;
