import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { textOf } from "./parts.ts";
import { signatureIn, signed } from "./signatures.ts";

/** A call of the turn that is being answered. */
interface Call {
  /** What OpenAI matches its result by. */
  readonly key: unknown;
  readonly id: string | null;
  readonly name: string;
  /** How many calls of the turn came before it. */
  readonly place: number;
}

/** The result of a call as a part, and the place of its call. */
export interface Result {
  readonly part: Fields;
  readonly place: number;
}

/**
 * The calls of a conversation, turn by turn. OpenAI matches a result to its call by id; Gemini by name and order, newer models
 * by id too.
 */
export class Calls {
  readonly #withIds: boolean;
  readonly #losses: Losses;
  /** The last calls that were made, and those of them that nothing was said to yet. */
  #made: readonly Call[] = [];
  #open = new Set<Call>();
  #isBeingAnswered = false;

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

  /** What a tool answered; null when nothing was asked. */
  answered(message: Fields): Result | null {
    const call = this.#answeredBy(message);
    if (call === null) return null;
    this.#isBeingAnswered = true;
    this.#open.delete(call);
    const response = responseOf(textOf(message["content"]));
    return {
      part: { functionResponse: { ...this.#idOf(call), name: call.name, response } },
      place: call.place,
    };
  }

  /** The open call of that id. One of no call's id answers the first that is open: Gemini wants all of them answered. */
  #answeredBy({ role, tool_call_id: id, name }: Fields): Call | null {
    const key = role === "tool" ? id : legacyKey(name);
    const [first] = this.#open;
    if (this.#made.some((call) => call.key === key))
      return [...this.#open].find((call) => call.key === key) ?? null;
    if (first !== undefined)
      this.#losses.say("messages", "a message of role tool taken for the next in order: no call has its id");
    return first ?? null;
  }

  #call(said: unknown, written: unknown, id: unknown): Fields {
    if (this.#isBeingAnswered) {
      this.#made = [];
      this.#open = new Set();
      this.#isBeingAnswered = false;
    }
    const name = typeof said === "string" ? said : "";
    const call: Call = {
      key: id ?? legacyKey(name),
      id: typeof id === "string" ? id : null,
      name,
      place: this.#made.length,
    };
    this.#made = [...this.#made, call];
    this.#open.add(call);
    return { functionCall: { ...this.#idOf(call), name, args: this.#argumentsOf(written) } };
  }

  #idOf({ id }: Call): Fields {
    return this.#withIds && id !== null ? { id } : {};
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
const legacyKey = (name: unknown): string => `function\n${String(name)}`;
