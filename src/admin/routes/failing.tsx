import { Choice } from "../parts/field.tsx";
import { type Asking, failures } from "./asking.ts";

type Failures = Asking["failing"];

/** Which providers fail, and how. */
export function Failing({
  providers,
  failing,
  onChange,
}: {
  readonly providers: readonly string[];
  readonly failing: Failures;
  readonly onChange: (failing: Failures) => void;
}) {
  const free = providers.filter((name) => !failing.some(({ provider }) => provider === name));
  const [next] = free;
  const put = (at: number, one: Failures[number]): void => onChange(failing.with(at, one));
  return (
    <fieldset>
      <legend>Providers that fail</legend>
      {failing.map((one, at) => (
        <span key={one.provider} class="failing">
          <Choice
            label="Provider"
            value={one.provider}
            options={[one.provider, ...free].map((name) => [name, name] as const)}
            onChoice={(provider) => put(at, { ...one, provider })}
          />
          <Choice
            label={`How ${one.provider} fails`}
            value={one.kind}
            options={failures.map((kind) => [kind, kind] as const)}
            onChoice={(kind) => put(at, { ...one, kind })}
          />
          <button
            type="button"
            class="quiet"
            aria-label={`${one.provider} does not fail`}
            onClick={() => onChange(failing.toSpliced(at, 1))}
          >
            ×
          </button>
        </span>
      ))}
      {next === undefined ? null : (
        <button type="button" onClick={() => onChange([...failing, { provider: next, kind: "server" }])}>
          Add one
        </button>
      )}
    </fieldset>
  );
}
