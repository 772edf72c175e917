import type { ComponentChildren } from "preact";

/** One figure with its name, what it is measured in, and perhaps a chart of how it got there. */
export const Tile = ({
  name,
  figure,
  unit,
  state,
  children,
}: {
  readonly name: string;
  readonly figure: string;
  readonly unit?: string | undefined;
  readonly state?: "good" | "warn" | "bad";
  readonly children?: ComponentChildren;
}) => (
  <div class={`tile ${state ?? ""}`}>
    <h3>{name}</h3>
    <p>
      <strong>{figure}</strong>
      {unit === undefined ? null : <span> {unit}</span>}
    </p>
    {children}
  </div>
);

/** A word with a colour; the word alone says it too. */
export const Chip = ({
  state,
  children,
}: {
  readonly state: "good" | "warn" | "bad" | "calm";
  readonly children: ComponentChildren;
}) => <span class={`chip ${state}`}>{children}</span>;
