import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/** What an answer refers to: pages of the web in OpenAI's shape, and the rest in Anthropic's, with the stretch of text it is about. */
export interface Cited {
  readonly annotations: readonly Fields[];
  readonly citations: readonly Fields[];
}

/** Nothing. */
export const noCitations: Cited = { annotations: [], citations: [] };

/** Adds one citation of the text from `start` to `end`. https://docs.claude.com/en/docs/build-with-claude/citations */
export function cite(cited: Cited, citation: unknown, start: number, end: number): Cited {
  if (!isRecord(citation)) return cited;
  const { url, title } = citation;
  if (typeof url === "string") {
    const page = { start_index: start, end_index: end, url, title: typeof title === "string" ? title : url };
    return { ...cited, annotations: [...cited.annotations, { type: "url_citation", url_citation: page }] };
  }
  const about = { ...citation, start_index: start, end_index: end };
  return { ...cited, citations: [...cited.citations, about] };
}

/** As fields of a message or a delta; none where nothing is cited. */
export const citedFields = ({ annotations, citations }: Cited): Fields => ({
  ...(annotations.length === 0 ? {} : { annotations }),
  ...(citations.length === 0 ? {} : { citations }),
});
