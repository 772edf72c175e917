/** One file as it was, to be read. */
export const Source = ({ name, text }: { readonly name: string; readonly text: string }) => (
  <details class="source">
    <summary>
      {name.replace(/^\/.*\//, "")} <span class="soft">{linesOf(text).length} lines</span>
    </summary>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
    <section tabIndex={0} aria-label={`Text of ${name}`}>
      <pre>
        {linesOf(text).map((line, index) => (
          <code key={index}>{`${line}\n`}</code>
        ))}
      </pre>
    </section>
  </details>
);

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");
