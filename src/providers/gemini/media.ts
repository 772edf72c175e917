import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/** Types by the ending of a name, for URLs and files that do not tell theirs. */
const types: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  gif: "image/gif",
  pdf: "application/pdf",
  txt: "text/plain",
  mp3: "audio/mp3",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  aac: "audio/aac",
  mp4: "video/mp4",
  mov: "video/mov",
  webm: "video/webm",
};

/** Names in use that are not the registered ones. */
const corrected: Readonly<Record<string, string>> = { "image/jpg": "image/jpeg" };

/** What a URL refers to as a part: data inline, any other as the reference that it is; null when it is no URL. Nothing is fetched. */
export function mediaOf(url: unknown, type?: unknown): Fields | null {
  if (typeof url !== "string") return null;
  if (/^data:/i.test(url)) return inlineOf(url);
  if (!/^(?:https?|gs):\/\//i.test(url)) return null;
  const mimeType = typeof type === "string" ? type : typeByName(url.replace(/[?#].*$/s, ""));
  return { fileData: { ...(mimeType === null ? {} : { mimeType }), fileUri: url } };
}

/** Audio of a user: base64 with the name of its format. https://platform.openai.com/docs/guides/audio */
export function audioOf(audio: unknown): Fields | null {
  if (!isRecord(audio) || typeof audio["data"] !== "string") return null;
  const { format } = audio;
  const known = typeof format === "string" && Object.hasOwn(types, format) ? types[format] : undefined;
  return inline(known ?? `audio/${typeof format === "string" ? format : "wav"}`, audio["data"]);
}

/** A file: a data URL, bare base64 whose name tells the type, or a URL in the place of an id; null for an id of another service. */
export function fileOf(file: unknown): Fields | null {
  if (!isRecord(file)) return null;
  const { file_data: data, file_id: id, filename, format } = file;
  if (typeof data !== "string") return mediaOf(id, format);
  const url = mediaOf(data, format);
  if (url !== null) return url;
  const mimeType = typeof filename === "string" ? typeByName(filename) : null;
  return inline(mimeType ?? "application/pdf", data);
}

/** The data of a URL, in base64. https://datatracker.ietf.org/doc/html/rfc2397 */
function inlineOf(url: string): Fields | null {
  const comma = url.indexOf(",");
  if (comma === -1) return null;
  const [type = "", ...attributes] = url.slice("data:".length, comma).toLowerCase().split(";");
  const mimeType = type === "" ? "text/plain" : type;
  const data = url.slice(comma + 1);
  if (attributes.at(-1)?.trim() === "base64") return inline(mimeType, data);
  try {
    return inline(mimeType, new TextEncoder().encode(decodeURIComponent(data)).toBase64());
  } catch {
    return null;
  }
}

const inline = (mimeType: string, data: string): Fields => ({
  inlineData: { mimeType: corrected[mimeType] ?? mimeType, data },
});

function typeByName(name: string): string | null {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return (Object.hasOwn(types, ending) ? types[ending] : undefined) ?? null;
}
