import { isMap, isSeq, LineCounter } from "yaml";
import { err, ok, type Result } from "../../core/result.ts";
import { decode } from "../bytes.ts";
import { type Diagnostic, diagnostic } from "../diagnostic.ts";
import type { Schema } from "../found.ts";
import { documentOf, parseText } from "../parse.ts";
import { type Tree, topOf } from "../tree.ts";
import { commentsOf } from "./comments.ts";
import { layout } from "./layout.ts";
import { inOrder } from "./order.ts";
import type { Collection } from "./piece.ts";
import { print } from "./print.ts";

/**
 * The canonical form of a file: keys in the order of the schema, quotes where they are needed, two spaces, and every comment
 * where it was. Flows stay flows while they fit on a line. Its meaning never changes; what does not parse is refused.
 */
export function format(
  file: string,
  bytes: Uint8Array,
  schema: Schema,
): Result<string, readonly Diagnostic[]> {
  const decoded = decode(file, bytes);
  if (!decoded.ok) return err([decoded.error]);
  const text = decoded.value;
  const parsed = parseText(file, text);
  if (!parsed.ok) return parsed;
  if (parsed.value.problems.length > 0) return err(parsed.value.problems);
  const contents = documentOf(text, new LineCounter(), true)?.contents;
  if (!isMap(contents) && !isSeq(contents)) return ok(text);

  const { header, top } = withoutHeader(layout(text, contents));
  // An alias must stay behind its anchor.
  const ordered = /[&*]/.test(text) && hasAnchor(top) ? top : inOrder(top, schema);
  const formatted = `${[...header, ...print(ordered)].join("\n")}\n`;
  return isSame(file, { text, tree: parsed.value.tree }, formatted)
    ? ok(formatted)
    : err([
        diagnostic(
          "yaml_syntax",
          topOf(file),
          "The file is written in a way that cannot be put into form; nothing was changed.",
        ),
      ]);
}

/** The comments at the very top stay there, whichever key comes first. */
function withoutHeader(top: Collection): { readonly header: readonly string[]; readonly top: Collection } {
  const [first, ...rest] = top.items;
  if (first === undefined) return { header: [], top };
  const gap = first.above.lastIndexOf("");
  const own = first.above.slice(gap + 1);
  const forEditors = own.findLastIndex((line) => /^#\s*yaml-language-server:/.test(line)) + 1;
  const header = first.above.slice(first.above[0] === "" ? 1 : 0, gap + 1 + forEditors);
  // Should it not stay the first, it still has an empty line above it.
  const above = [...(header.at(-1) === "" ? [""] : []), ...own.slice(forEditors)];
  return { header, top: { ...top, items: [{ ...first, above }, ...rest] } };
}

const hasAnchor = (top: Collection): boolean =>
  top.anchor !== "" ||
  top.items.some(
    ({ key, value }) =>
      key?.text.startsWith("&") === true ||
      value.anchor !== "" ||
      ((value.kind === "mapping" || value.kind === "sequence") && hasAnchor(value)),
  );

/** Whether nothing was lost: the same data, and every comment. */
function isSame(
  file: string,
  before: { readonly text: string; readonly tree: Tree },
  formatted: string,
): boolean {
  const after = parseText(file, formatted);
  if (!after.ok || after.value.problems.length > 0) return false;
  const words = (text: string) =>
    commentsOf(text)
      .map((comment) => comment.text)
      .toSorted()
      .join("\n");
  return meaning(after.value.tree) === meaning(before.tree) && words(formatted) === words(before.text);
}

/** A tree as text: what it says, whatever the order of its keys. */
function meaning(tree: Tree): string {
  if (tree.kind === "scalar")
    return typeof tree.value === "string" ? JSON.stringify(tree.value) : String(tree.value);
  if (tree.kind === "sequence") return `[${tree.items.map(meaning).join()}]`;
  const entries = tree.entries.map(({ key, value }) => `${JSON.stringify(key)}:${meaning(value)}`);
  return `{${entries.toSorted().join()}}`;
}
