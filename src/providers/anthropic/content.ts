import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";

/** What is carried by Anthropic's own name, from clients that know it. */
const ownTypes: ReadonlySet<unknown> = new Set(["image", "document", "search_result"]);

/**
 * The content of a message as blocks: text, images and documents. Empty text is left out, as the API refuses it.
 *
 * https://docs.claude.com/en/api/messages
 */
export function blocksOf(content: unknown, losses: Losses): readonly Fields[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => {
    const block = isRecord(part) ? blockOf(part, losses) : null;
    return block === null ? [] : [block];
  });
}

/** A breakpoint of prompt caching, where the client set one. */
export const cacheControl = (from: Fields): Fields =>
  isRecord(from["cache_control"]) ? { cache_control: from["cache_control"] } : {};

function blockOf(part: Fields, losses: Losses): Fields | null {
  const { type } = part;
  if (type === "text" || type === "refusal") {
    const text = part[type];
    return typeof text === "string" && text !== "" ? { type: "text", text, ...cacheControl(part) } : null;
  }
  if (type === "image_url") return imageOf(part, losses);
  if (type === "file") return documentOf(part, losses);
  if (ownTypes.has(type) && (isRecord(part["source"]) || type === "search_result")) return part;
  const because = type === "input_audio" ? "Anthropic takes no audio" : "Anthropic knows no such part";
  losses.dropped("messages", because, true, `messages[].content[] of type ${named(type)}`);
  return null;
}

function imageOf(part: Fields, losses: Losses): Fields | null {
  const image = part["image_url"];
  const url = isRecord(image) ? image["url"] : image;
  if (typeof url !== "string") {
    losses.dropped("messages", "it has no URL", true, "messages[].content[].image_url");
    return null;
  }
  const data = parseDataUrl(url);
  const source =
    data === null ? { type: "url", url } : { type: "base64", media_type: data.mediaType, data: data.base64 };
  return { type: "image", source, ...cacheControl(part) };
}

function documentOf(part: Fields, losses: Losses): Fields | null {
  const file = isRecord(part["file"]) ? part["file"] : {};
  const data = typeof file["file_data"] === "string" ? parseDataUrl(file["file_data"]) : null;
  if (data === null) {
    losses.dropped("messages", "a file has to come as a data URL", true, "messages[].content[].file");
    return null;
  }
  const title = typeof file["filename"] === "string" ? { title: file["filename"] } : {};
  const source = { type: "base64", media_type: data.mediaType, data: data.base64 };
  return { type: "document", source, ...title, ...cacheControl(part) };
}

/** `data:image/png;base64,…`; null for any other URL. */
export function parseDataUrl(url: string): { readonly mediaType: string; readonly base64: string } | null {
  const comma = url.indexOf(",");
  const head = comma === -1 ? null : /^data:([^;,]+)(?:;[^;,]+)*;base64$/i.exec(url.slice(0, comma));
  return head?.[1] === undefined ? null : { mediaType: head[1].toLowerCase(), base64: url.slice(comma + 1) };
}

/** A type as it may be shown: a word, never a text that a client wrote. */
const named = (type: unknown): string =>
  typeof type === "string" && /^[\w.-]{1,40}$/.test(type) ? type : "unknown";
