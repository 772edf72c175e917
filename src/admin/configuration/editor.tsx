import { setDiagnostics } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import type { Diagnostic, Related } from "../../config/diagnostic.ts";
import { type EditorEvents, stateOf, wrapped, wrapping } from "./editor_setup.ts";
import { applyFix, marksOf } from "./lint.ts";
import { offsetOf } from "./marks.ts";
import { type Texts, textOf } from "./texts.ts";

/** A place to go to; another object each time it is asked for. */
export interface Visit extends Pick<Related, "file" | "line" | "column"> {
  /** A suggestion to follow there. */
  readonly follow?: Diagnostic;
}

/** The texts of a configuration, one of them shown. Each keeps its history while the section stands. */
export function Editor({
  texts,
  turn,
  shown,
  diagnostics,
  wraps,
  visit,
  onVisit,
  ...events
}: EditorEvents & {
  readonly texts: Texts;
  /** Another when the texts were replaced by others than the editor told of. */
  readonly turn: string;
  readonly shown: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly wraps: boolean;
  readonly visit: Visit | null;
  readonly onVisit: (place: Related) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const others = useRef(new Map<string, EditorState>());
  const named = useRef(shown);
  const latest = useLatest(events);
  const text = textOf(texts, shown);

  useEffect(() => {
    const parent = box.current;
    if (parent === null) return;
    const made = new EditorView({ parent, state: stateOf(shown, text, wraps, latest) });
    editor.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    if (named.current !== shown) {
      others.current.set(named.current, view.state);
      named.current = shown;
      view.setState(others.current.get(shown) ?? stateOf(shown, text, wraps, latest));
    }
    view.dispatch({ effects: wrapping.reconfigure(wrapped(wraps)) });
  }, [shown, wraps]);
  useEffect(() => {
    others.current.clear();
    const view = editor.current;
    if (view !== null && view.state.doc.toString() !== text)
      view.setState(stateOf(shown, text, wraps, latest));
  }, [turn]);
  useEffect(() => {
    const view = editor.current;
    const its = diagnostics.filter(({ file }) => file === shown);
    view?.dispatch(setDiagnostics(view.state, [...marksOf(view.state.doc.toString(), its, onVisit)]));
  }, [shown, turn, diagnostics]);
  useEffect(() => {
    if (editor.current !== null && visit !== null && visit.file === shown) go(editor.current, visit);
  }, [visit, shown]);
  return <div ref={box} class="editor" />;
}

function go(view: EditorView, { line, column, follow }: Visit): void {
  if (follow !== undefined) {
    applyFix(view, follow);
    return;
  }
  const anchor = offsetOf(view.state.doc.toString(), line, column);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}

/** An editor lives longer than one drawing: it always calls the latest. */
function useLatest(events: EditorEvents): EditorEvents {
  const latest = useRef(events);
  latest.current = events;
  const stable = useRef<EditorEvents>({
    onChange: (name, text) => latest.current.onChange(name, text),
    onCheck: () => latest.current.onCheck(),
    known: (name) => latest.current.known(name),
  });
  return stable.current;
}
