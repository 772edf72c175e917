import type { Diagnostic } from "../../config/diagnostic.ts";
import { countsOf } from "./marks.ts";
import { partsOf, shortName, type Texts } from "./texts.ts";

/** One tab for each file: its name, whether it is edited, and what is wrong in it. */
export function FileTabs({
  texts,
  shown,
  changed,
  diagnostics,
  onShow,
}: {
  readonly texts: Texts;
  readonly shown: string;
  readonly changed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly onShow: (name: string) => void;
}) {
  const names = partsOf(texts).map(({ name }) => name);
  const press = (event: KeyboardEvent, at: number): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = names[(at + step + names.length) % names.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onShow(next);
    document.getElementById(`file-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Files">
      {partsOf(texts).map(({ name, part }, at) => (
        <button
          key={name}
          id={`file-${name}`}
          type="button"
          role="tab"
          title={name}
          aria-selected={name === shown}
          aria-controls="editor"
          tabIndex={name === shown ? 0 : -1}
          onClick={() => onShow(name)}
          onKeyDown={(event) => press(event, at)}
        >
          {shortName(name)}
          {part === "tests" ? <span class="soft"> tests</span> : null}
          {changed.includes(name) ? <span class="edited"> edited</span> : null}
          <Badge {...countsOf(diagnostics, name)} />
        </button>
      ))}
    </div>
  );
}

function Badge({ errors, warnings }: { readonly errors: number; readonly warnings: number }) {
  return (
    <>
      {errors === 0 ? null : <span class="badge bad">{many(errors, "error")}</span>}
      {warnings === 0 ? null : <span class="badge warn">{many(warnings, "warning")}</span>}
    </>
  );
}

/** `1 error`, `3 errors`. */
export const many = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
