import type { ComponentChildren } from "preact";

/** A part of a section, with its name and what can be done to it. */
export const Panel = ({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) => (
  <section class="panel" aria-label={title}>
    <header>
      <h2>{title}</h2>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </header>
    {children}
  </section>
);

/** What went wrong, in the gateway's own words; nothing when nothing did. */
export const Problem = ({ text }: { readonly text: string | null }) =>
  text === null ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
