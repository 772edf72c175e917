import type { TargetResult } from "../../gateway/probe/probe.ts";
import type { ModelVerdict, Verdict } from "../../gateway/probe/verdict.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { duration, unknown } from "../words.ts";

/** What each target said, the newest last. */
export const Results = ({ results }: { readonly results: readonly TargetResult[] }) => (
  <Table
    label="Targets asked"
    columns={resultColumns}
    rows={results}
    keyOf={({ provider, model }) => `${provider}/${model}`}
    empty="No answer yet."
  />
);

const resultColumns: readonly Column<TargetResult>[] = [
  { name: "Target", cell: ({ provider, model }) => `${provider}/${model}` },
  {
    name: "Result",
    cell: ({ ok, latency_ms }) => (
      <Chip state={ok ? "good" : latency_ms === null ? "calm" : "bad"}>
        {ok ? "answered" : latency_ms === null ? "not asked" : "failed"}
      </Chip>
    ),
  },
  { name: "Took", isFigure: true, cell: ({ latency_ms }) => duration(latency_ms) },
  { name: "Status", isFigure: true, cell: ({ error }) => error?.status ?? unknown },
  { name: "Said", cell: (result) => <span class="said">{wordsOf(result)}</span> },
];

/** The answer's first words, or why there is none. */
const wordsOf = ({ error, reply, warnings }: TargetResult): string =>
  [error === null ? begin(reply ?? "") : `${error.kind}: ${error.message}`, ...warnings]
    .filter((word) => word !== "")
    .join(" · ");

const begin = (text: string): string => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

const verdictSaid: Readonly<Record<Verdict, readonly ["good" | "bad" | "calm", string]>> = {
  ok: ["good", "works"],
  failed: ["bad", "does not work"],
  skipped: ["calm", "skipped"],
};

/** What that means for each model; those that do not work first. */
export function Verdicts({ verdicts }: { readonly verdicts: readonly ModelVerdict[] }) {
  const order: readonly Verdict[] = ["failed", "skipped", "ok"];
  const rows = verdicts.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return (
    <Table
      label="Verdict on each model"
      columns={verdictColumns}
      rows={rows}
      keyOf={({ model }) => model}
      empty=""
    />
  );
}

const verdictColumns: readonly Column<ModelVerdict>[] = [
  { name: "Model", cell: ({ model }) => model },
  {
    name: "Verdict",
    cell: ({ verdict }) => {
      const [state, says] = verdictSaid[verdict];
      return <Chip state={state}>{says}</Chip>;
    },
  },
  {
    name: "Targets that answered",
    isFigure: true,
    cell: ({ targets }) => `${targets.filter(({ ok }) => ok).length} of ${targets.length}`,
  },
  {
    name: "Others",
    cell: ({ targets }) => (
      <span class="said">
        {targets
          .filter(({ ok }) => !ok)
          .map(({ provider, model, error }) => `${provider}/${model} (${error?.kind ?? "no answer"})`)
          .join(", ")}
      </span>
    ),
  },
];
