import { ChoiceField, TextField } from "../parts/field.tsx";
import { type Asking, endpoints } from "./asking.ts";
import type { Board } from "./board.ts";
import { Failing } from "./failing.tsx";

/** What would be asked: a request, and what becomes of the attempts. */
export function Question({
  board,
  asking,
  onChange,
  onAsk,
}: {
  readonly board: Board;
  readonly asking: Asking;
  readonly onChange: (asking: Asking) => void;
  readonly onAsk: () => void;
}) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onAsk();
  };
  return (
    <form class="question" onSubmit={submit}>
      <Request board={board} asking={asking} onChange={(some) => onChange({ ...asking, ...some })} />
      <Failing
        providers={board.providers.map(({ provider }) => provider)}
        failing={asking.failing}
        onChange={(failing) => onChange({ ...asking, failing })}
      />
      <button type="submit">Explain</button>
    </form>
  );
}

function Request({
  board,
  asking,
  onChange,
}: {
  readonly board: Board;
  readonly asking: Asking;
  readonly onChange: (some: Partial<Asking>) => void;
}) {
  const names = [...board.models, ...board.aliases].map(({ name }) => name);
  const keys = [["", "unrestricted"] as const, ...board.keys.map((key) => [key, key] as const)];
  const number = (label: string, name: "tokens" | "maxTokens" | "seed") => (
    <TextField
      label={label}
      value={asking[name]}
      size={8}
      isNumber
      onText={(text) => onChange({ [name]: text })}
    />
  );
  return (
    <>
      <TextField
        label="Model"
        value={asking.model}
        size={18}
        options={names}
        onText={(model) => onChange({ model })}
      />
      <ChoiceField label="Key" value={asking.key} options={keys} onChoice={(key) => onChange({ key })} />
      {number("Prompt tokens", "tokens")}
      {number("max_tokens", "maxTokens")}
      <TextField label="End user" value={asking.user} onText={(user) => onChange({ user })} />
      <ChoiceField
        label="Endpoint"
        value={asking.endpoint}
        options={endpoints}
        onChoice={(endpoint) => onChange({ endpoint })}
      />
      {number("Seed of the draw", "seed")}
      <label class="check">
        <input
          type="checkbox"
          checked={asking.stream}
          onChange={({ currentTarget }) => onChange({ stream: currentTarget.checked })}
        />
        Streamed
      </label>
    </>
  );
}
