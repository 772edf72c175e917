import type { ComponentChildren } from "preact";
import { type Asking, failures } from "./asking.ts";
import type { Board } from "./board.ts";

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
  const change = (some: Partial<Asking>): void => onChange({ ...asking, ...some });
  const text = (name: "user" | "tokens" | "maxTokens" | "seed", label: string, width: number) => (
    <Field label={label}>
      <input
        size={width}
        inputMode={name === "user" ? "text" : "numeric"}
        value={asking[name]}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </Field>
  );
  return (
    <form
      class="question"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk();
      }}
    >
      <Field label="Model">
        <input
          list="asked-names"
          required
          value={asking.model}
          onInput={({ currentTarget }) => change({ model: currentTarget.value })}
        />
        <datalist id="asked-names">
          {[...board.models, ...board.aliases].map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </Field>
      <Field label="Key">
        <select value={asking.key} onChange={({ currentTarget }) => change({ key: currentTarget.value })}>
          <option value="">unrestricted</option>
          {board.keys.map((key) => (
            <option key={key}>{key}</option>
          ))}
        </select>
      </Field>
      {text("tokens", "Prompt tokens", 8)}
      {text("maxTokens", "max_tokens", 8)}
      {text("user", "End user", 12)}
      <Field label="Endpoint">
        <select
          value={asking.endpoint}
          onChange={({ currentTarget }) => change({ endpoint: endpointOf(currentTarget.value) })}
        >
          <option value="">as the model is for</option>
          <option>chat</option>
          <option>completions</option>
          <option>embeddings</option>
        </select>
      </Field>
      {text("seed", "Seed of the draw", 6)}
      <label class="check">
        <input
          type="checkbox"
          checked={asking.stream}
          onChange={({ currentTarget }) => change({ stream: currentTarget.checked })}
        />
        Streamed
      </label>
      <Failing board={board} asking={asking} onChange={onChange} />
      <button type="submit">Explain</button>
    </form>
  );
}

/** Which providers fail, and how. */
function Failing({ board, asking, onChange }: Omit<Parameters<typeof Question>[0], "onAsk">) {
  const { failing } = asking;
  const names = board.providers.map(({ provider }) => provider);
  const free = names.find((name) => !failing.some(({ provider }) => provider === name));
  const put = (at: number, some: Partial<Asking["failing"][number]>): void =>
    onChange({ ...asking, failing: failing.map((one, nth) => (nth === at ? { ...one, ...some } : one)) });
  return (
    <fieldset>
      <legend>Providers that fail</legend>
      {failing.map(({ provider, kind }, at) => (
        <span key={provider} class="failing">
          <select
            aria-label="Provider"
            value={provider}
            onChange={({ currentTarget }) => put(at, { provider: currentTarget.value })}
          >
            {names
              .filter((name) => name === provider || !failing.some((one) => one.provider === name))
              .map((name) => (
                <option key={name}>{name}</option>
              ))}
          </select>
          <select
            aria-label={`How ${provider} fails`}
            value={kind}
            onChange={({ currentTarget }) => {
              const chosen = failures.find((each) => each === currentTarget.value);
              if (chosen !== undefined) put(at, { kind: chosen });
            }}
          >
            {failures.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <button
            type="button"
            class="quiet"
            aria-label={`${provider} does not fail`}
            onClick={() => onChange({ ...asking, failing: failing.filter((_, nth) => nth !== at) })}
          >
            ×
          </button>
        </span>
      ))}
      {free === undefined ? null : (
        <button
          type="button"
          onClick={() => onChange({ ...asking, failing: [...failing, { provider: free, kind: "server" }] })}
        >
          Add one
        </button>
      )}
    </fieldset>
  );
}

const Field = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
);

const endpointOf = (text: string): Asking["endpoint"] =>
  text === "chat" || text === "completions" || text === "embeddings" ? text : "";
