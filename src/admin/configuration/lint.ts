import type { Diagnostic as Mark } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import type { Diagnostic, Related } from "../../config/diagnostic.ts";
import { fixOf, spanOf } from "./marks.ts";
import { shortName } from "./texts.ts";

/** The gateway's diagnostics of one file as the editor marks them. */
export const marksOf = (
  text: string,
  diagnostics: readonly Diagnostic[],
  visit: (place: Related) => void,
): readonly Mark[] => diagnostics.map((each) => markOf(text, each, visit));

function markOf(text: string, each: Diagnostic, visit: (place: Related) => void): Mark {
  const fix = fixOf(text, each);
  const apply = (view: EditorView): void => applyFix(view, each);
  return {
    ...spanOf(text, each),
    severity: each.severity,
    source: each.code,
    message: each.message,
    renderMessage: () => rendered(each, visit),
    ...(fix === null ? {} : { actions: [{ name: `Write ${fix.insert}`, apply }] }),
  };
}

/** Follows the suggestion, in the text as it is now. */
export function applyFix(view: EditorView, each: Diagnostic): void {
  const fix = fixOf(view.state.doc.toString(), each);
  if (fix === null) return;
  const { from, to, insert } = fix;
  view.dispatch({
    ...{ changes: { from, to, insert }, selection: { anchor: from + insert.length } },
    ...{ scrollIntoView: true, userEvent: "input.fix" },
  });
  view.focus();
}

function rendered(each: Diagnostic, visit: (place: Related) => void): HTMLElement {
  const dom = document.createElement("div");
  dom.append(each.message);
  for (const place of each.related ?? []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = `${shortName(place.file)}:${place.line}: ${place.message}`;
    button.onclick = () => visit(place);
    dom.append(document.createElement("br"), button);
  }
  return dom;
}
