import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { fingerprint } from "../fingerprint.ts";
import { logprobsOf } from "./logprobs.ts";
import { bearing } from "./signatures.ts";

/** What the parts of a candidate say together. */
export interface Said {
  readonly content: string;
  readonly reasoning: string;
  readonly calls: readonly Call[];
  /** Data URLs. */
  readonly images: readonly string[];
  /** Base64. */
  readonly audio: string | null;
  /** The last thought signature that stands on no call. */
  readonly signature: string | null;
}

/** A function call, its arguments as JSON text. */
interface Call {
  readonly id: string | null;
  readonly name: string;
  readonly arguments: string;
  readonly signature: string | null;
}

/** Reads the parts of a candidate, or of a piece of one. https://ai.google.dev/api/caching#Part */
export function saidIn(candidate: Fields): Said {
  const { content: turn } = candidate;
  const parts = isRecord(turn) && Array.isArray(turn["parts"]) ? turn["parts"].filter(isRecord) : [];
  let content = "";
  let reasoning = "";
  let audio: string | null = null;
  let signature: string | null = null;
  const calls: Call[] = [];
  const images: string[] = [];
  for (const part of parts) {
    const { text, functionCall: called, inlineData: data, thoughtSignature: sealed } = part;
    const seal = typeof sealed === "string" && sealed !== "" ? sealed : null;
    if (isRecord(called)) calls.push(callOf(called, seal));
    else signature = seal ?? signature;
    if (part["thought"] === true) reasoning += textOf(text);
    else {
      content += textOf(text) + codeIn(part);
      if (isRecord(data) && typeof data["data"] === "string") {
        if (textOf(data["mimeType"]).startsWith("audio/")) audio = (audio ?? "") + data["data"];
        else images.push(`data:${textOf(data["mimeType"])};base64,${data["data"]}`);
      }
    }
  }
  return { content, reasoning, calls, images, audio, signature };
}

/** Whether anything was said at all. */
export const isSilent = ({ content, reasoning, calls, images, audio }: Said): boolean =>
  content === "" && reasoning === "" && calls.length === 0 && images.length === 0 && audio === null;

/** Calls as OpenAI has them. Where Gemini gave no id, one is made of `answer`, `choice` and the place of the call. */
export const callsOf = (
  calls: readonly Call[],
  answer: string,
  choice: number,
  from: number,
): readonly Fields[] =>
  calls.map((call, at) => ({
    id: call.id ?? `call_${fingerprint(`${answer} ${choice} ${from + at}`)}`,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
    ...bearing(call.signature),
  }));

/** Everything of a message or a delta but content and calls. Images are where other gateways put them; audio is as OpenAI has it. */
export function extrasOf({ reasoning, images, audio, signature }: Said, answer: string): Fields {
  return {
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(images.length === 0 ? {} : { images: images.map(imageOf) }),
    ...(audio === null
      ? {}
      : { audio: { id: `audio_${fingerprint(answer)}`, data: audio, transcript: "", expires_at: 0 } }),
    ...bearing(signature),
  };
}

/** Log probabilities of a candidate, or of a piece of one. */
export const logprobsIn = (candidate: Fields): Fields | null => logprobsOf(candidate["logprobsResult"]);

/** Which of several answers a candidate is. */
export const indexOf = ({ index }: Fields, position: number): number =>
  typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : position;

/** The candidates of an answer, or of an event. */
export const candidatesIn = ({ candidates }: Fields): readonly Fields[] =>
  Array.isArray(candidates) ? candidates.filter(isRecord) : [];

const imageOf = (url: string): Fields => ({ type: "image_url", image_url: { url } });

function callOf({ id, name, args }: Fields, signature: string | null): Call {
  return {
    id: typeof id === "string" && id !== "" ? id : null,
    name: textOf(name),
    arguments: JSON.stringify(args ?? {}),
    signature,
  };
}

/** Code that Gemini ran itself, and what came of it, as a reader would write them down: no client can answer such a call. */
function codeIn({ executableCode: ran, codeExecutionResult: result }: Fields): string {
  if (isRecord(ran)) return fenced(textOf(ran["language"]).toLowerCase(), textOf(ran["code"]));
  return isRecord(result) ? fenced("", textOf(result["output"])) : "";
}

const fenced = (language: string, text: string): string =>
  text === ""
    ? ""
    : `\n\`\`\`${language === "language_unspecified" ? "" : language}\n${text.trimEnd()}\n\`\`\`\n`;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
