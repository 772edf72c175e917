import { percent as exact, type GateVerdict, leastFidelity } from "../../simulate/replay/gate.ts";
import type { CostReport, ReplayReport } from "../../simulate/replay/tally.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { count, moment, unknown, usd } from "../words.ts";
import type { Replayed } from "./use_replay.ts";

/** What a replay came to: the gate's verdict, figures of both sides, who answers instead, and which rules refuse. */
export function Report({ report, gate }: Pick<Replayed, "report" | "gate">) {
  const { requests, from, to, moves, refusals } = report;
  if (requests === 0) return <p class="empty">No requests were recorded in this time.</p>;
  return (
    <>
      <Gate gate={gate} />
      <p>
        {count(requests)} requests from {moment(from)} to {moment(to)}; {fidelityOf(report)}
      </p>
      <Table
        label="Figures of both sides"
        columns={figureColumns}
        rows={figuresOf(report)}
        keyOf={(row) => row[0]}
        empty=""
      />
      {moves.length === 0 ? null : (
        <>
          <h3>Answered elsewhere</h3>
          <Table
            label="Answered elsewhere"
            columns={moveColumns}
            rows={moves}
            keyOf={({ from: a, to: b }) => `${a} ${b}`}
            empty=""
          />
        </>
      )}
      {refusals.length === 0 ? null : (
        <>
          <h3>Newly refused</h3>
          <Table
            label="Newly refused"
            columns={refusalColumns}
            rows={refusals}
            keyOf={({ rule, key }) => `${rule} ${key}`}
            empty=""
          />
        </>
      )}
    </>
  );
}

function Gate({ gate }: { readonly gate: GateVerdict }) {
  if (gate.kind === "passed")
    return (
      <p>
        <Chip state="good">the gate is passed</Chip>
      </p>
    );
  const why = gate.kind === "failed" ? gate.why.join("; ") : gate.why;
  return (
    <p>
      <Chip state={gate.kind === "failed" ? "bad" : "warn"}>
        {gate.kind === "failed" ? "the gate is not passed" : "the gate is inconclusive"}
      </Chip>{" "}
      {why}.
    </p>
  );
}

/** How far the replay of what serves came to what really happened. */
const fidelityOf = ({ fidelity }: ReplayReport): string =>
  fidelity === null
    ? "how faithful it is cannot be said."
    : `${exact(fidelity)} of them end as they were recorded${fidelity < leastFidelity ? ", too few to conclude anything." : "."}`;

/** What is counted, under what serves, and under the edit. */
type Row = readonly [name: string, serving: string, edit: string];

function figuresOf(report: ReplayReport): readonly Row[] {
  const { requests, attempts, cost } = report;
  const of = (number: number) => `${count(number)} (${exact(number / requests)})`;
  return [
    ["Answered elsewhere", "", of(report.provider_changed)],
    ["Newly refused", "", of(report.newly_refused)],
    ["Newly accepted", "", of(report.newly_accepted)],
    ["Attempts", count(attempts.base), count(attempts.head)],
    ["Cost", usd(cost.base), costOf(cost)],
    ["Likely, not certain", "", of(report.drawn)],
    ["Unknown", "", of(report.unknown)],
  ];
}

function costOf({ head, change, low, high }: CostReport): string {
  const changed = change === null ? "" : ` (${change < 0 ? "" : "+"}${exact(change)})`;
  const isRange = low !== null && high !== null && high - low >= 0.005;
  return `${usd(head)}${changed}${isRange ? `, ${usd(low)} to ${usd(high)}` : ""}`;
}

const figureColumns: readonly Column<Row>[] = [
  { name: "Figure", cell: ([name]) => name },
  { name: "Serving", isFigure: true, cell: ([, serving]) => serving },
  { name: "Edit", isFigure: true, cell: ([, , edit]) => edit },
];

const moveColumns: readonly Column<ReplayReport["moves"][number]>[] = [
  { name: "From", cell: ({ from }) => from },
  { name: "To", cell: ({ to }) => to },
  { name: "Requests", isFigure: true, cell: ({ requests }) => count(requests) },
];

const refusalColumns: readonly Column<ReplayReport["refusals"][number]>[] = [
  { name: "By", cell: ({ rule }) => rule },
  { name: "Key", cell: ({ key }) => key ?? unknown },
  { name: "Requests", isFigure: true, cell: ({ requests }) => count(requests) },
  { name: "First", cell: ({ first }) => moment(first) },
  { name: "Last", cell: ({ last }) => moment(last) },
];
