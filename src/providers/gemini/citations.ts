import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/** What a candidate cites, as OpenAI annotates its text; places are counted in `text`, which is all that it has said. */
export function annotationsOf(candidate: Fields, text: string): readonly Fields[] {
  const { groundingMetadata: grounding, citationMetadata: citation } = candidate;
  if (grounding === undefined && citation === undefined) return [];
  const bytes = new TextEncoder().encode(text);
  const found = [...groundedIn(grounding, text, bytes), ...citedIn(citation, bytes)];
  return [...new Map(found.map((annotation) => [JSON.stringify(annotation), annotation])).values()];
}

/** Pages that a search found, each with the words that rest on it. https://ai.google.dev/api/generate-content#GroundingMetadata */
function groundedIn(grounding: unknown, text: string, bytes: Uint8Array): readonly Fields[] {
  if (!isRecord(grounding)) return [];
  const pages = recordsIn(grounding["groundingChunks"]).map(({ web, retrievedContext: document, maps }) =>
    [web, document, maps].find(isRecord),
  );
  const supports = recordsIn(grounding["groundingSupports"]);
  if (supports.length === 0) return pages.flatMap((page) => annotation(page, 0, text.length));
  return supports.flatMap(({ segment, groundingChunkIndices: indices }) => {
    const [start, end] = placeOf(isRecord(segment) ? segment : {}, text, bytes);
    const rests = Array.isArray(indices) ? indices : [];
    return rests.flatMap((at) => annotation(typeof at === "number" ? pages[at] : undefined, start, end));
  });
}

/** Works that an answer recites. https://ai.google.dev/api/generate-content#citationmetadata */
function citedIn(citation: unknown, bytes: Uint8Array): readonly Fields[] {
  if (!isRecord(citation)) return [];
  return [...recordsIn(citation["citationSources"]), ...recordsIn(citation["citations"])].flatMap((source) =>
    annotation(source, charactersIn(bytes, source["startIndex"], 0), charactersIn(bytes, source["endIndex"])),
  );
}

/** Gemini counts bytes of a part; where its words stand elsewhere, they are what counts. */
function placeOf(segment: Fields, text: string, bytes: Uint8Array): readonly [start: number, end: number] {
  const start = charactersIn(bytes, segment["startIndex"], 0);
  const end = charactersIn(bytes, segment["endIndex"]);
  const words = segment["text"];
  if (typeof words !== "string" || text.slice(start, end) === words) return [start, end];
  const at = text.indexOf(words);
  return at === -1 ? [start, end] : [at, at + words.length];
}

function charactersIn(bytes: Uint8Array, count: unknown, missing = bytes.length): number {
  return new TextDecoder().decode(bytes.subarray(0, typeof count === "number" ? count : missing)).length;
}

function annotation(source: Fields | undefined, start: number, end: number): readonly Fields[] {
  const { uri, title } = source ?? {};
  if (typeof uri !== "string" || uri === "") return [];
  const citation = {
    start_index: start,
    end_index: end,
    url: uri,
    title: typeof title === "string" && title !== "" ? title : uri,
  };
  return [{ type: "url_citation", url_citation: citation }];
}

const recordsIn = (list: unknown): readonly Fields[] => (Array.isArray(list) ? list.filter(isRecord) : []);
