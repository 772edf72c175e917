import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  insertCompletionText,
  startCompletion,
} from "@codemirror/autocomplete";
import { type EditorView, hoverTooltip } from "@codemirror/view";
import { describedAt } from "./described.ts";
import { type Known, type Suggestion, suggestionsAt } from "./suggestions.ts";

/** Completes what is written by what is known of the file at that moment; null while nothing is. */
export const completeFrom =
  (known: () => Known | null) =>
  ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const knows = known();
    const before = state.sliceDoc(state.doc.lineAt(pos).from, pos);
    // On a line that is still empty, and after a word that is done, only when it is asked for.
    if (knows === null || (!explicit && !/[\w"'/.@*-]$|[:[{,-] $/.test(before))) return null;
    const found = suggestionsAt(state.doc.toString(), pos, knows);
    if (found === null) return null;
    const options = found.options.map((each, index) => completionOf(each, found.to, -index / 100));
    return { from: found.from, options, validFor: /^[\w./@*:+-]*$/ };
  };

const types = { key: "property", value: "enum", name: "variable" } as const;

/** In the order of the schema, unless what is typed fits another one better. */
function completionOf(each: Suggestion, wordTo: number, boost: number): Completion {
  const { label, kind, detail, info, insert, continues } = each;
  return {
    ...{ label, detail, type: types[kind], boost: Math.max(-99, boost) },
    ...(info === null ? {} : { info }),
    apply: (view: EditorView, _: Completion, from: number, to: number) => {
      // The rest of the word that the cursor stood in goes too, however much was typed since.
      const end = Math.max(to, Math.min(wordTo, view.state.doc.length));
      view.dispatch(insertCompletionText(view.state, insert, from, end));
      if (continues) startCompletion(view);
    },
  };
}

/** Says what the key under the pointer is. */
export const describeFrom = (known: () => Known | null) =>
  hoverTooltip(({ state }, pos) => {
    const knows = known();
    const found = knows === null ? null : describedAt(state.doc.toString(), pos, knows.schema);
    if (found === null) return null;
    return { pos: found.from, end: found.to, above: true, create: () => ({ dom: described(found) }) };
  });

function described({ name, kind, says }: NonNullable<ReturnType<typeof describedAt>>): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-described";
  const head = document.createElement("strong");
  head.textContent = name;
  dom.append(head, kind === "" ? "" : ` ${kind}`);
  if (says !== null) {
    const text = document.createElement("p");
    text.textContent = says;
    dom.append(text);
  }
  return dom;
}
