import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A control with its name above it. */
export const Field = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
);

/** A line of text, with what may be meant by it. `onText` is told when it is finished, not letter by letter. */
export const TextField = ({
  label,
  value,
  size = 12,
  options = [],
  isNumber = false,
  placeholder = "",
  onText,
}: {
  readonly label: string;
  readonly value: string;
  /** In characters. */
  readonly size?: number;
  readonly options?: readonly string[] | undefined;
  readonly isNumber?: boolean;
  readonly placeholder?: string;
  readonly onText: (text: string) => void;
}) => {
  const list = `options-${label.replaceAll(" ", "-")}`;
  const typed = useTyped(value, onText);
  return (
    <Field label={label}>
      <input
        size={size}
        inputMode={isNumber ? "numeric" : "text"}
        placeholder={placeholder}
        list={options.length === 0 ? undefined : list}
        {...typed}
      />
      {options.length === 0 ? null : (
        <datalist id={list}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </Field>
  );
};

/** What is half typed stays while the page draws newer figures around it. */
function useTyped(value: string, onText: (text: string) => void) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  type Event = { readonly currentTarget: HTMLInputElement };
  return {
    value: typed,
    onInput: ({ currentTarget }: Event) => setTyped(currentTarget.value),
    onChange: ({ currentTarget }: Event) => onText(currentTarget.value),
  };
}

/** One of several things, each with what it is called. */
export function ChoiceField<T extends string>({
  label,
  value,
  options,
  onChoice,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, says: string])[];
  readonly onChoice: (value: T) => void;
}) {
  return (
    <Field label={label}>
      <Choice label={null} value={value} options={options} onChoice={onChoice} />
    </Field>
  );
}

/** The same without a name above it; `label` is for those who do not see what it belongs to. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChoice,
}: {
  readonly label: string | null;
  readonly value: T;
  readonly options: readonly (readonly [value: T, says: string])[];
  readonly onChoice: (value: T) => void;
}) {
  const choose = (text: string): void => {
    const chosen = options.find(([each]) => each === text);
    if (chosen !== undefined) onChoice(chosen[0]);
  };
  return (
    <select
      aria-label={label ?? undefined}
      value={value}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      {options.map(([each, says]) => (
        <option key={each} value={each}>
          {says}
        </option>
      ))}
    </select>
  );
}
