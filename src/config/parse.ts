import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLError } from "yaml";
import { err, ok, type Result } from "../core/result.ts";
import { decode, maxBytes } from "./bytes.ts";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "./diagnostic.ts";
import { type SpotAt, toTree } from "./to_tree.ts";
import { type Tree, topOf } from "./tree.ts";

/** A file as a tree, and the keys that stand in it twice: the first counts, and the reading goes on. */
export interface Parsed {
  readonly tree: Tree;
  readonly problems: readonly Diagnostic[];
}

/** Reads one file into a tree, or says what stops that; after a syntax error nothing further is said of it. */
export function parse(file: string, bytes: Uint8Array): Result<Parsed, readonly Diagnostic[]> {
  const top = topOf(file);
  if (bytes.length > maxBytes) {
    return err([
      diagnostic(
        "file_too_large",
        top,
        "The file is larger than 1 MiB; all files together may be at most that.",
      ),
    ]);
  }
  const decoded = decode(file, bytes);
  if (!decoded.ok) return err([decoded.error]);
  return parseText(file, decoded.value);
}

/** As {@link parse}, for text. */
export function parseText(file: string, text: string): Result<Parsed, readonly Diagnostic[]> {
  const lines = new LineCounter();
  const spotAt: SpotAt = (from, to, path) => {
    const start = lines.linePos(from);
    const end = lines.linePos(Math.max(from, to));
    return { file, path, line: start.line, column: start.col, end_line: end.line, end_column: end.col };
  };
  const parsed = documentOf(text, lines);
  if (parsed === null) {
    return err([
      diagnostic("yaml_syntax", topOf(file), "The brackets are nested too deeply; 100 levels are the most."),
    ]);
  }
  const first = [
    ...parsed.errors,
    ...parsed.warnings.filter((warning) => warning.code === "TAG_RESOLVE_FAILED"),
  ]
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .at(0);
  if (first !== undefined) return err([syntaxError(first, text, spotAt)]);

  const { contents } = parsed;
  if (contents === null || (isScalar(contents) && contents.value === null && contents.source === "")) {
    return err([
      diagnostic(
        "empty_file",
        topOf(file),
        "The file is empty; it needs at least `version: 1`, a provider and a model.",
      ),
    ]);
  }
  if (isMap(contents) || isSeq(contents) || isScalar(contents) || isAlias(contents)) {
    const { tree, problems } = toTree(contents, spotAt);
    return problems.every(({ code }) => code === "duplicate_key") ? ok({ tree, problems }) : err(problems);
  }
  return err([diagnostic("yaml_syntax", topOf(file), "The file holds no YAML that can be read.")]);
}

/** A text by the rules of the contract: YAML 1.2, its core schema. Null where brackets are nested too deeply. */
export function documentOf(text: string, lineCounter: LineCounter, keepSourceTokens = false) {
  try {
    return parseDocument(text, {
      lineCounter,
      keepSourceTokens,
      version: "1.2",
      schema: "core",
      merge: false,
      strict: true,
      uniqueKeys: false,
      stringKeys: false,
      prettyErrors: false,
    });
  } catch (error) {
    // The parser descends by recursion: only nesting can exhaust it.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function syntaxError(error: YAMLError, text: string, spotAt: SpotAt): Diagnostic {
  const reference = referenceAround(text, error.pos[0]);
  if (reference !== null) {
    const at = spotAt(reference.from, reference.to, "");
    return diagnostic(
      "yaml_syntax",
      at,
      `Inside [] or {} a reference must be quoted, because { begins a mapping there: "${reference.text}".`,
      {
        suggestion: `"${reference.text}"`,
      },
    );
  }
  const at = spotAt(error.pos[0], error.pos[1], "");
  return diagnostic(codeOf(error), at, sentence(error));
}

const codeOf = (error: YAMLError): DiagnosticCode =>
  error.code === "MULTIPLE_DOCS"
    ? "multiple_documents"
    : error.code === "TAG_RESOLVE_FAILED"
      ? "custom_tag"
      : "yaml_syntax";

function sentence(error: YAMLError): string {
  switch (error.code) {
    case "MULTIPLE_DOCS":
      return "A second document begins here; a file holds one, so delete the --- and what does not belong.";
    case "TAG_RESOLVE_FAILED":
      return "Tags are not accepted; write the value itself, in quotes where it begins with an exclamation mark.";
    default:
      return `This is not YAML: ${withoutQuotation(error.message)}.`;
  }
}

/** The parser's words quote the file at times, which may be a secret: only what stands before a colon is kept. */
function withoutQuotation(message: string): string {
  const words = (message.split("\n")[0] ?? "").split(": ")[0] ?? "";
  return words.replace(/[.:]$/, "").replace(/^./, (letter) => letter.toLowerCase());
}

/** The unquoted `${…}` that a syntax error fell into. */
function referenceAround(text: string, offset: number) {
  const begins = text.lastIndexOf("\n", offset - 1) + 1;
  const ends = text.indexOf("\n", offset);
  const line = text.slice(begins, ends === -1 ? text.length : ends);
  for (const found of line.matchAll(/\$\{[^}]*\}/g)) {
    const from = begins + found.index;
    const to = from + found[0].length;
    const quoted = text[from - 1] === '"' || text[from - 1] === "'";
    if (!quoted && offset >= from && offset <= to + 1) return { from, to, text: found[0] };
  }
  return null;
}
