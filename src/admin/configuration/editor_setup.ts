import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentService, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { completeFrom, describeFrom } from "./completion.ts";
import { editorLook } from "./editor_look.ts";
import type { Known } from "./suggestions.ts";
import { shortName } from "./texts.ts";
import { indentAfter } from "./yaml/indent.ts";

/** What an editor tells, and asks for. */
export interface EditorEvents {
  readonly onChange: (name: string, text: string) => void;
  /** Somebody wants the answer now. */
  readonly onCheck: () => void;
  readonly known: (name: string) => Known | null;
}

/** Whether long lines are wrapped; changed while the editor stands. */
export const wrapping = new Compartment();

/** The choice of {@link wrapping} as the editor takes it. */
export const wrapped = (wraps: boolean): Extension => (wraps ? EditorView.lineWrapping : []);

/** The beginning of one file in the editor, with a history of its own. */
export const stateOf = (name: string, text: string, wraps: boolean, events: EditorEvents): EditorState =>
  EditorState.create({ doc: text, extensions: [...common, ...extensionsOf(name, wraps, events)] });

function extensionsOf(name: string, wraps: boolean, events: EditorEvents): readonly Extension[] {
  const known = () => events.known(name);
  const check = (): boolean => {
    events.onCheck();
    return true;
  };
  return [
    wrapping.of(wrapped(wraps)),
    keymap.of([{ key: "Mod-s", run: check, preventDefault: true }]),
    autocompletion({ override: [completeFrom(known)], icons: false, activateOnTypingDelay: 60 }),
    describeFrom(known),
    EditorView.contentAttributes.of({
      "aria-label": `Text of ${shortName(name)}`,
      "aria-describedby": "editor-keys",
      tabindex: "0",
    }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) events.onChange(name, state.doc.toString());
    }),
  ];
}

const common: readonly Extension[] = [
  lineNumbers(),
  foldGutter(),
  lintGutter(),
  history(),
  drawSelection(),
  indentUnit.of("  "),
  // The language's own looks at what stands below, and so at the wrong mapping.
  indentService.of((context, at) => {
    const line = context.lineAt(at, -1);
    return line.from < at ? indentAfter(line.text) : null;
  }),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  search({ top: true }),
  yaml(),
  editorLook,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    ...lintKeymap,
    // Escape, then Tab, leaves the editor: the view itself lets one Tab through.
    indentWithTab,
  ]),
];
