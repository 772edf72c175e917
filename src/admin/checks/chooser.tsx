import { useState } from "preact/hooks";
import type { Board } from "../routes/board.ts";

/** Which models are checked; null: all that are listed. */
export function Chooser({
  board,
  chosen,
  onChoice,
}: {
  readonly board: Board;
  readonly chosen: readonly string[] | null;
  readonly onChoice: (chosen: readonly string[] | null) => void;
}) {
  const [text, setText] = useState("");
  const names = board.models.map(({ name }) => name).filter((name) => !name.endsWith("*"));
  const fitting = names.filter((name) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const toggle = (name: string, isOn: boolean): void =>
    onChoice(names.filter((each) => (each === name ? isOn : chosen?.includes(each))));
  return (
    <fieldset class="chooser">
      <legend>Models</legend>
      <label class="check">
        <input type="radio" name="which" checked={chosen === null} onChange={() => onChoice(null)} />
        All that are listed
      </label>
      <label class="check">
        <input type="radio" name="which" checked={chosen !== null} onChange={() => onChoice([])} />
        Only these
      </label>
      {chosen === null ? null : (
        <div class="chosen">
          {names.length < 12 ? null : (
            <input
              type="search"
              aria-label="Filter models by name"
              placeholder="Name"
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          )}
          <div class="names">
            {fitting.map((name) => (
              <label key={name} class="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={({ currentTarget }) => toggle(name, currentTarget.checked)}
                />
                {name}
              </label>
            ))}
          </div>
        </div>
      )}
    </fieldset>
  );
}
