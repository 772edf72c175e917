import { useEffect, useState } from "preact/hooks";
import { keepDraft, keptDraft } from "./kept_draft.ts";
import { changedFiles, type Draft, type Serving, type TextFile, withText } from "./texts.ts";

/** The edit of a configuration, from the first letter until it is thrown away. */
export interface Drafting {
  /** The edit, or what serves where nothing is edited; null until that is known. */
  readonly draft: Draft | null;
  /** Names of files whose text is not that from which the edit was begun. */
  readonly changed: readonly string[];
  /** Another whenever the texts were replaced as a whole. */
  readonly turn: string;
  readonly write: (name: string, text: string) => void;
  /** Begins a file of tests where there is none. */
  readonly addTests: (file: TextFile) => void;
  /** Begins anew from what serves. */
  readonly discard: () => void;
  /** Keeps the edit and compares it with what serves now. */
  readonly follow: () => void;
}

/** Keeps the edit of `serving` in this tab; without one it shows what serves, also when that becomes another. */
export function useDraft(serving: Serving | null): Drafting {
  const [edit, setEdit] = useState<Draft | null>(keptDraft);
  const [discards, setDiscards] = useState(0);
  const draft = edit ?? (serving === null ? null : begun(serving));
  const put = (next: Draft | null): void => {
    const kept = next === null || changedFiles(next.begunFrom, next).length === 0 ? null : next;
    keepDraft(kept);
    setEdit(kept);
  };
  // What was proposed and taken is no edit any more.
  const isTaken = edit !== null && serving !== null && changedFiles(serving, edit).length === 0;
  useEffect(() => {
    if (isTaken) put(null);
  }, [isTaken]);
  const change = (how: (draft: Draft) => Draft): void => {
    if (draft !== null) put(how(draft));
  };
  return {
    draft,
    changed: draft === null ? [] : changedFiles(draft.begunFrom, draft),
    turn: `${discards} ${draft?.begunFrom.generation}`,
    write: (name, text) => change((all) => withText(all, name, text)),
    addTests: (tests) => change((all) => ({ ...all, tests })),
    discard: () => {
      put(null);
      setDiscards(discards + 1);
    },
    follow: () => change((all) => (serving === null ? all : { ...all, begunFrom: serving })),
  };
}

const begun = (serving: Serving): Draft => ({
  files: serving.files,
  tests: serving.tests,
  begunFrom: serving,
});
