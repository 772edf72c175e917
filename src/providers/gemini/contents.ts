import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { Calls, type Result } from "./calls.ts";
import type { Content } from "./content.ts";
import type { ModelTraits } from "./model.ts";
import { partsOf, textOf, textPart } from "./parts.ts";
import { signatureIn, signed, withSignatures } from "./signatures.ts";

/** A conversation in Gemini's form. */
export interface Conversation {
  readonly contents: readonly Content[];
  /** Null without instructions. */
  readonly systemInstruction: { readonly parts: readonly Fields[] } | null;
}

/** Stands where Gemini wants words and nobody said any: it refuses nothing at all, and a conversation that the model begins. */
const noWords: Fields = { text: " " };

/** Reads OpenAI's messages. Instructions count wherever they stand; neighbours of one role become one content. */
export function conversationOf(messages: unknown, traits: ModelTraits, losses: Losses): Conversation {
  const transcript = new Transcript(traits, losses);
  for (const message of Array.isArray(messages) ? messages : [])
    if (isRecord(message)) transcript.add(message);
  const { contents, instructions } = transcript.whole;
  // Instructions alone are a conversation to OpenAI, and none to Gemini.
  const isBare = contents.length === 0;
  const opening = isBare || !traits.instructions ? instructions : [];
  const spoken = opened(contents, opening);
  return {
    contents: traits.signatures ? withSignatures(spoken) : spoken,
    systemInstruction: instructions.length === 0 || opening.length > 0 ? null : { parts: instructions },
  };
}

/** The user begins, with what is given to open with. */
function opened(contents: readonly Content[], opening: readonly Fields[]): readonly Content[] {
  const [first, ...rest] = contents;
  if (first?.role === "user") return [{ role: "user", parts: [...opening, ...first.parts] }, ...rest];
  return [{ role: "user", parts: opening.length > 0 ? opening : [noWords] }, ...contents];
}

/** Collects contents message by message. */
class Transcript {
  readonly #contents: { readonly role: Content["role"]; readonly parts: Fields[] }[] = [];
  readonly #instructions: Fields[] = [];
  readonly #losses: Losses;
  readonly #calls: Calls;
  /** The run of results that is being read, and what else their tools gave. */
  #results: Result[] = [];
  #media: Fields[] = [];

  constructor(traits: ModelTraits, losses: Losses) {
    this.#losses = losses;
    this.#calls = new Calls(traits.callIds, losses);
  }

  get whole(): { readonly contents: readonly Content[]; readonly instructions: readonly Fields[] } {
    this.#endRun();
    return { contents: this.#contents, instructions: this.#instructions };
  }

  add(message: Fields): void {
    const { role, content } = message;
    if (role === "tool" || role === "function") {
      this.#hear(message);
      return;
    }
    this.#endRun();
    this.#losses.dropped("messages", "Gemini knows roles only", message["name"], "messages[].name");
    if (role === "system" || role === "developer") this.#instructions.push(...this.#instruction(content));
    else if (role === "assistant") this.#say("model", this.#spoken(message));
    else this.#say("user", partsOf(content, this.#losses));
  }

  #instruction(content: unknown): readonly Fields[] {
    const parts = partsOf(content, this.#losses);
    const words = parts.filter(isText);
    const isMore = words.length < parts.length;
    this.#losses.dropped("messages", "instructions are text", isMore, "what is no text of a system message");
    return words;
  }

  /** The model speaks: text first, then calls. Its thoughts stay its own; their signatures go back. */
  #spoken(message: Fields): readonly Fields[] {
    const { content, refusal, audio } = message;
    this.#losses.dropped("messages", "Gemini keeps no audio", isRecord(audio), "messages[].audio");
    const words = [...partsOf(content, this.#losses), ...textPart(refusal)];
    const last = words.at(-1);
    const text = last === undefined ? words : words.with(-1, signed(last, signatureIn(message)));
    return [...text, ...this.#calls.made(message)];
  }

  /** A tool speaks. What it gave beside text goes along; a result of no call is mere words. */
  #hear(message: Fields): void {
    const { content } = message;
    const result = this.#calls.answered(message);
    if (result === null) {
      this.#losses.say("messages", "a message of role tool sent as text: it answers no open call");
      this.#media.push(...textPart(textOf(content)));
    } else this.#results.push(result);
    if (Array.isArray(content))
      this.#media.push(...partsOf(content, this.#losses).filter((part) => !isText(part)));
  }

  /** Results of one run stand in the order of their calls, as models without ids match them. */
  #endRun(): void {
    const results = this.#results.sort((a, b) => a.place - b.place).map(({ part }) => part);
    this.#say("user", [...results, ...this.#media]);
    this.#results = [];
    this.#media = [];
  }

  #say(role: Content["role"], parts: readonly Fields[]): void {
    const last = this.#contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) this.#contents.push({ role, parts: [...parts] });
  }
}

const isText = (part: Fields): boolean => part["text"] !== undefined;
