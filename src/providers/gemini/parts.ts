import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { audioOf, fileOf, mediaOf } from "./media.ts";

/** What becomes of each type of part that is no text. */
const media: Readonly<Record<string, (part: Fields) => Fields | null>> = {
  image_url: ({ image_url: image }) => mediaOf(isRecord(image) ? image["url"] : image),
  video_url: ({ video_url: video }) => mediaOf(isRecord(video) ? video["url"] : video),
  input_audio: ({ input_audio: audio }) => audioOf(audio),
  file: ({ file }) => fileOf(file),
};

/** The content of a message as parts. Empty text is left out, as Gemini refuses it. https://ai.google.dev/api/caching#Part */
export function partsOf(content: unknown, losses: Losses): readonly Fields[] {
  if (!Array.isArray(content)) return textPart(content);
  return content.filter(isRecord).flatMap((part) => {
    const { type } = part;
    if (type === "text" || type === "refusal") return textPart(part[type]);
    const read = typeof type === "string" && Object.hasOwn(media, type) ? media[type] : undefined;
    const translated = read?.(part) ?? null;
    if (translated === null) {
      const because = read === undefined ? "Gemini knows no such part" : "it is neither data nor a URL";
      losses.dropped("messages", because, true, `messages[].content[] of type ${named(type)}`);
      return [];
    }
    loseDetail(part["image_url"], losses);
    return [translated];
  });
}

/** One part of text; none when there is nothing in it. */
export const textPart = (text: unknown): readonly Fields[] =>
  typeof text === "string" && text !== "" ? [{ text }] : [];

/** The text of a content, its parts joined. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isRecord(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

function loseDetail(image: unknown, losses: Losses): void {
  const detail = isRecord(image) ? image["detail"] : undefined;
  const isAsked = detail !== undefined && detail !== null && detail !== "auto";
  losses.dropped(
    "messages",
    "Gemini has one for all images",
    isAsked,
    "messages[].content[].image_url.detail",
  );
}

/** A type as it may be shown: a word, never a text that a client wrote. */
const named = (type: unknown): string =>
  typeof type === "string" && /^[\w.-]{1,40}$/.test(type) ? type : "unknown";
