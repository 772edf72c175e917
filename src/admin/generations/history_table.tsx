import type { HistoryEntry } from "../../rollout/history.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { ago, count, moment, unknown } from "../words.ts";
import { addressOf, choose, type View } from "./address.ts";
import { many, nameIn, short, stateWords } from "./words.ts";

/** Every generation, the newest first; one can be opened, and any two compared. */
export function HistoryTable({
  entries,
  view,
  onView,
}: {
  readonly entries: readonly HistoryEntry[];
  readonly view: View;
  readonly onView: (view: View) => void;
}) {
  const chosen: Column<HistoryEntry> = {
    name: "Compare",
    cell: ({ generation, digest }) => (
      <input
        type="checkbox"
        // Of what was refused before it compiled no texts are kept.
        disabled={digest === null}
        aria-label={`Compare generation ${generation}`}
        checked={view.chosen.includes(generation)}
        onChange={() => onView({ ...view, chosen: choose(view.chosen, generation) })}
      />
    ),
  };
  const number: Column<HistoryEntry> = {
    name: "Generation",
    cell: ({ generation }) => (
      <a
        href={addressOf({ ...view, open: generation })}
        aria-current={view.open === generation ? "true" : undefined}
      >
        {generation}
      </a>
    ),
  };
  return (
    <Table
      label="Generations, the newest first"
      columns={[chosen, number, ...columns]}
      rows={entries}
      keyOf={({ generation }) => String(generation)}
      empty="There is no generation yet: the source has said nothing that could be read."
    />
  );
}

const columns: readonly Column<HistoryEntry>[] = [
  {
    name: "State",
    cell: ({ state, stage }) => {
      const { word, colour } = stateWords(state);
      return (
        <>
          <Chip state={colour}>{word}</Chip>
          {state === "rejected" ? <span class="soft"> at {stage}</span> : null}
        </>
      );
    },
  },
  { name: "Seen", cell: ({ seen_at }) => <When at={seen_at} /> },
  {
    name: "Last served from",
    cell: ({ served, active_at }) => <When at={served.at(-1)?.from ?? active_at} />,
  },
  { name: "Requests", isFigure: true, cell: ({ requests }) => count(requests) },
  {
    name: "Found in it",
    cell: ({ errors, warnings }) =>
      errors + warnings === 0
        ? unknown
        : [errors > 0 ? many(errors, "error") : "", warnings > 0 ? many(warnings, "warning") : ""]
            .filter((each) => each !== "")
            .join(", "),
  },
  {
    name: "Commit",
    cell: ({ git_sha }) => (git_sha === null ? unknown : <code title={git_sha}>{short(git_sha)}</code>),
  },
  {
    name: "Author",
    cell: ({ author }) => (author === null ? unknown : <span title={author}>{nameIn(author)}</span>),
  },
  { name: "Signer", cell: ({ signer }) => signer ?? unknown },
  {
    name: "Reason",
    cell: ({ reason }) => (reason === null ? unknown : <span class="words">{reason}</span>),
  },
];

const When = ({ at }: { readonly at: string | null }) =>
  at === null ? <span>{unknown}</span> : <span title={moment(at)}>{ago(at)}</span>;
