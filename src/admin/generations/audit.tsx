import { useState } from "preact/hooks";
import { Panel, Problem } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import type { Asked } from "../use_answer.ts";
import { ago, moment, unknown } from "../words.ts";
import type { Audited } from "./told.ts";

const few = 20;

/** Who did what, when and why; the newest first. */
export function AuditPanel({ audit }: { readonly audit: Asked<{ readonly entries: readonly Audited[] }> }) {
  const [isAll, setAll] = useState(false);
  const entries = audit.value?.entries ?? [];
  return (
    <Panel
      title="Who did what"
      actions={
        entries.length <= few ? undefined : (
          <button type="button" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? `Only the newest ${few}` : `All ${entries.length}`}
          </button>
        )
      }
    >
      <Problem text={audit.problem} />
      <Table
        label="Orders, the newest first"
        columns={columns}
        rows={isAll ? entries : entries.slice(0, few)}
        keyOf={({ at, who, action }) => `${at} ${who} ${action}`}
        empty="Nobody has given an order yet. What people do here, by the API or by the command line is kept here for good."
      />
    </Panel>
  );
}

const columns: readonly Column<Audited>[] = [
  { name: "When", cell: ({ at }) => <span title={moment(at)}>{ago(at)}</span> },
  { name: "Who", cell: ({ who }) => who },
  { name: "What", cell: ({ action }) => action },
  {
    name: "Outcome",
    cell: ({ outcome = "done" }) => <Chip state={outcome === "done" ? "good" : "bad"}>{outcome}</Chip>,
  },
  { name: "Why", cell: ({ reason }) => <span class="words">{reason ?? unknown}</span> },
  { name: "What it came to", cell: ({ says }) => <span class="words">{says ?? unknown}</span> },
];
