import { yaml } from "@codemirror/lang-yaml";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { editorLook } from "./editor_look.ts";
import { changedFiles, shortName, type Texts, textOf } from "./texts.ts";

/** The edit against what serves, as texts: what goes above what comes, and only the lines around it. */
export function DiffView({ before, after }: { readonly before: Texts; readonly after: Texts }) {
  const names = changedFiles(before, after);
  if (names.length === 0) return <p class="empty">The texts are the same.</p>;
  return (
    <>
      {names.map((name) => (
        <FileDiff key={name} name={name} before={textOf(before, name)} after={textOf(after, name)} />
      ))}
    </>
  );
}

function FileDiff({
  name,
  before,
  after,
}: {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return;
    const view = new EditorView({
      parent: box.current,
      doc: after,
      extensions: [
        lineNumbers(),
        yaml(),
        editorLook,
        EditorView.lineWrapping,
        EditorView.editable.of(false),
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({
          tabindex: "0",
          "aria-label": `Differences in ${shortName(name)}`,
        }),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          collapseUnchanged: { margin: 3, minSize: 6 },
        }),
      ],
    });
    return () => view.destroy();
  }, [before, after]);
  return (
    <section aria-label={`Differences in ${shortName(name)}`}>
      <h3>{shortName(name)}</h3>
      <div ref={box} class="diff" />
    </section>
  );
}
