import { isRecord } from "../../core/record.ts";
import type { Endpoint } from "../../domain/endpoint.ts";

/** As much of an answer is shown where it stands for the whole; in characters. */
const mostShown = 200;

/** The beginning of an answer in OpenAI's shape, on one line; null where there are no words in it. */
export function replyOf(endpoint: Endpoint, json: string): string | null {
  const body: unknown = JSON.parse(json);
  if (!isRecord(body)) return null;
  const words = endpoint === "embeddings" ? vectorIn(body) : textOf(firstOf(body["choices"]));
  const line =
    words
      ?.slice(0, 2 * mostShown)
      .replace(/\s+/g, " ")
      .trim() ?? "";
  if (line === "") return null;
  return line.length <= mostShown ? line : `${line.slice(0, mostShown - 1).toWellFormed()}…`;
}

/** The text of one choice of an answer, or of one streamed piece of it; a refusal is one too. Empty: none. */
export function textOf(choice: unknown): string {
  if (!isRecord(choice)) return "";
  const message = choice["message"] ?? choice["delta"];
  const said = isRecord(message) ? (message["content"] ?? message["refusal"]) : choice["text"];
  if (typeof said === "string") return said;
  return Array.isArray(said) ? said.map(textOfPart).join("") : "";
}

const textOfPart = (part: unknown): string =>
  isRecord(part) && typeof part["text"] === "string" ? part["text"] : "";

function vectorIn(body: Readonly<Record<string, unknown>>): string | null {
  const first = firstOf(body["data"]);
  const vector = isRecord(first) ? first["embedding"] : null;
  return Array.isArray(vector) ? `a vector of ${vector.length} numbers` : null;
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
