import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sections } from "./sections.ts";

/** Whether a key that is pressed belongs to whatever has the focus, or to a combination that is the browser's. */
export const isTaken = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  ctrlKey ||
  metaKey ||
  altKey ||
  (target instanceof Element && target.closest("input, textarea, select, dialog, .cm-editor") !== null);

/** A button that lists the keys of the page; `?` does it too. */
export function Keys() {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === "?" && !isTaken(event)) setOpen(true);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  useEffect(() => {
    if (isOpen) box.current?.showModal();
  }, [isOpen]);
  return (
    <>
      <button
        type="button"
        class="quiet"
        aria-haspopup="dialog"
        title="Keys (?)"
        onClick={() => setOpen(true)}
      >
        Keys
      </button>
      {isOpen ? <List box={box} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

const List = ({ box, onClose }: { readonly box: Ref<HTMLDialogElement>; readonly onClose: () => void }) => (
  <dialog ref={box} class="order" aria-labelledby="keys" onClose={onClose}>
    <h2 id="keys">Keys</h2>
    <dl class="keyed">
      {sections.map(({ id, title, key }) => (
        <div key={id}>
          <dt>
            <kbd>g</kbd> <kbd>{key}</kbd>
          </dt>
          <dd>{title}</dd>
        </div>
      ))}
      <div>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>These keys</dd>
      </div>
      <div>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>Closes what is asked or told, and leaves the editor by Tab</dd>
      </div>
    </dl>
    <form method="dialog" class="acts">
      <button type="submit">Close</button>
    </form>
  </dialog>
);
