import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { ErrorEntry } from "../../metrics/error_entry.ts";
import { Chip } from "../parts/tile.tsx";
import { ago, duration, moment, unknown } from "../words.ts";
import { Attempts } from "./attempts.tsx";
import { causeOf, ruleParts } from "./wish.ts";

/** The errors, the newest first; each opens to its attempts. */
export function List({ errors }: { readonly errors: readonly ErrorEntry[] }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Each error">
      <table class="errors">
        <thead>
          <tr>
            {["When", "Outcome", "Model", "Key", "Why", "Took"].map((name) => (
              <th key={name} scope="col" class={name === "Took" ? "figure" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {errors.map((entry) => (
            <Fragment key={entry.request_id}>
              <Row
                entry={entry}
                isOpen={open === entry.request_id}
                onOpen={() => setOpen(open === entry.request_id ? null : entry.request_id)}
              />
              {open === entry.request_id ? (
                <tr class="unfolded">
                  <td colSpan={6}>
                    <Attempts entry={entry} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({
  entry,
  isOpen,
  onOpen,
}: {
  readonly entry: ErrorEntry;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}) {
  const { at, outcome, status, model, asked, key, rule, duration_ms } = entry;
  const name = model ?? (asked === null ? unknown : `${asked} (no model)`);
  return (
    <tr>
      <td>
        <button type="button" class="plain-link" aria-expanded={isOpen} title={moment(at)} onClick={onOpen}>
          {isOpen ? "▾" : "▸"} {ago(at)}
        </button>
      </td>
      <td>
        <Chip state={outcome === "error" ? "bad" : "warn"}>
          {outcome === "error" ? "failed" : "refused"} {status}
        </Chip>
      </td>
      <td class="cut" title={name}>
        {name}
      </td>
      <td>{key ?? unknown}</td>
      <td class="why">
        {causeOf(entry)}
        {rule === null ? null : <small>{ruleParts(rule).join(" · ")}</small>}
      </td>
      <td class="figure">{duration(duration_ms)}</td>
    </tr>
  );
}
