import { ChoiceField, TextField } from "../parts/field.tsx";
import type { Board } from "../routes/board.ts";
import { everything, outcomes, spans, type Wish } from "./wish.ts";

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
  const text = (name: keyof Wish, label: string, options?: readonly string[]) => (
    <TextField
      label={label}
      size={9}
      value={wish[name]}
      options={options}
      onText={(said) => onWish({ ...wish, [name]: said })}
    />
  );
  const isChanged = JSON.stringify(wish) !== JSON.stringify(everything);
  return (
    <form class="question" onSubmit={(event) => event.preventDefault()}>
      <ChoiceField
        label="Time"
        value={wish.hours}
        options={spans}
        onChoice={(hours) => onWish({ ...wish, hours })}
      />
      <ChoiceField
        label="Outcome"
        value={wish.outcome}
        options={outcomes}
        onChoice={(outcome) => onWish({ ...wish, outcome })}
      />
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
