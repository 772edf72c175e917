import type { ComponentChildren } from "preact";
import type { Board } from "../routes/board.ts";
import { everything, spans, type Wish } from "./wish.ts";

/** Which errors are looked at. */
export function Filters({
  board,
  wish,
  onWish,
}: {
  /** What can be chosen from; null: not known yet. */
  readonly board: Board | null;
  readonly wish: Wish;
  readonly onWish: (wish: Wish) => void;
}) {
  const names = [...(board?.models ?? []), ...(board?.aliases ?? [])].map(({ name }) => name);
  const put = (name: keyof Wish, text: string): void => onWish({ ...wish, [name]: text });
  const text = (name: keyof Wish, label: string, options: readonly string[] = []) => (
    <Field label={label}>
      <input
        size={12}
        list={options.length === 0 ? undefined : `errors-${name}`}
        value={wish[name]}
        // Each change asks the journal: only what is finished counts.
        onChange={({ currentTarget }) => put(name, currentTarget.value)}
      />
      {options.length === 0 ? null : (
        <datalist id={`errors-${name}`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </Field>
  );
  const isChanged = JSON.stringify(wish) !== JSON.stringify(everything);
  return (
    <form class="question" onSubmit={(event) => event.preventDefault()}>
      <Field label="Time">
        <select value={wish.hours} onChange={({ currentTarget }) => put("hours", currentTarget.value)}>
          {spans.map(([hours, says]) => (
            <option key={hours} value={hours}>
              {says}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Outcome">
        <select value={wish.outcome} onChange={({ currentTarget }) => put("outcome", currentTarget.value)}>
          <option value="">failed and refused</option>
          <option value="error">failed</option>
          <option value="refused">refused</option>
        </select>
      </Field>
      {text(
        "provider",
        "Provider",
        board?.providers.map(({ provider }) => provider),
      )}
      {text("model", "Model", names)}
      {text("key", "Key", board?.keys)}
      {text("code", "Code")}
      {text("rule", "Rule begins with")}
      {text("generation", "Generation")}
      {isChanged ? (
        <button type="button" onClick={() => onWish(everything)}>
          Show everything
        </button>
      ) : null}
    </form>
  );
}

const Field = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
);
