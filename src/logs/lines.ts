import type { PackedInteraction } from "./interaction.ts";
import { pathsFor, redact } from "./redact.ts";
import { cut, maxText } from "./text.ts";

/** Characters of one line. */
export const maxLine = 1024 * 1024;

/** The line of one interaction, with a newline at its end: redacted, bounded, and valid JSON whatever came in. */
export function interactionLine(packed: PackedInteraction): string {
  const half = (maxLine - packed.line.length) / 2;
  const request = documentText(packed.request, pathsFor("request", packed.redact), half);
  const answer = documentText(packed.answer, pathsFor("answer", packed.redact), half);
  const documents =
    (request === null ? "" : `,"request":${request}`) + (answer === null ? "" : `,"answer":${answer}`);
  return `${packed.line}${documents}}\n`;
}

/** A line of a logger as it is, or cut down to something that is still JSON. */
export function boundedLine(line: string): string {
  if (line.length <= maxText) return line;
  const { level, time, msg } = JSON.parse(line) as Record<string, unknown>;
  return `${JSON.stringify({ level, time, msg: String(msg).slice(0, 4096), cut_characters: line.length })}\n`;
}

/** What cannot be read as JSON cannot be redacted, so that it is left out rather than shown. */
function documentText(text: string | null, paths: readonly string[], room: number): string | null {
  if (text === null) return null;
  if (text.length > 8 * maxLine) return omitted(text, "too large");
  const document = parsed(text);
  if (document === undefined) return omitted(text, "not JSON");
  if (paths.length === 0 && text.length <= maxText && !text.includes("\n") && !text.includes("\r"))
    return text;
  redact(document, paths);
  const shown = JSON.stringify(document, bounded);
  return shown.length > room ? omitted(text, "too large") : shown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const omitted = (text: string, why: string): string =>
  JSON.stringify({ omitted: why, characters: text.length });

const bounded = (_name: string, value: unknown): unknown => (typeof value === "string" ? cut(value) : value);
