import { type GateVerdict, leastFidelity, percent } from "../../simulate/replay/gate.ts";
import type { CostReport, ReplayReport } from "../../simulate/replay/tally.ts";
import { type Paint, plain } from "../shell.ts";
import { table } from "../table.ts";

/** How a replay can be told. */
export const formats = ["pretty", "json", "markdown"] as const;

/** A report, and what the gate made of it where one was asked for. */
export interface Rendered {
  readonly report: ReplayReport;
  readonly verdict: GateVerdict | null;
}

/** The report as text. */
export function render(rendered: Rendered, format: (typeof formats)[number], paint: Paint): string {
  switch (format) {
    case "json": {
      const { from, to, refusals, ...rest } = rendered.report;
      const told = refusals.map(({ first, last, ...more }) => ({
        ...more,
        first: time(first),
        last: time(last),
      }));
      return JSON.stringify(
        { from: time(from), to: time(to), ...rest, refusals: told, gate: rendered.verdict },
        null,
        2,
      );
    }
    case "pretty":
      return sections(rendered, paint, (heading, rows) => table(heading, rows, paint)).join("\n\n");
    case "markdown":
      return sections(rendered, plain, markdownTable).join("\n\n");
  }
}

type Tabulate = (heading: readonly string[], rows: readonly (readonly string[])[]) => string;

function sections({ report, verdict }: Rendered, paint: Paint, tabulate: Tabulate): readonly string[] {
  const { requests, moves, refusals } = report;
  if (requests === 0) return ["No requests were recorded in this time."];
  const share = (count: number) => `${percent(count / requests)}`;
  const count = (number: number) => number.toLocaleString("en-US");
  const head = `Replayed ${count(requests)} requests, ${time(report.from)} to ${time(report.to)}; fidelity ${fidelity(report)}.`;
  const figures = tabulate(
    ["", "base", "head"],
    [
      ["answered elsewhere", "", `${count(report.provider_changed)} (${share(report.provider_changed)})`],
      ["newly refused", "", `${count(report.newly_refused)} (${share(report.newly_refused)})`],
      ["newly accepted", "", `${count(report.newly_accepted)} (${share(report.newly_accepted)})`],
      ["attempts", count(report.attempts.base), count(report.attempts.head)],
      ["cost", usd(report.cost.base), costOf(report.cost)],
      ["likely, not certain", "", `${count(report.drawn)} (${share(report.drawn)})`],
      ["unknown", "", `${count(report.unknown)} (${share(report.unknown)})`],
    ],
  );
  const went = moves.map(({ from, to, requests: moved }) => [from, to, count(moved)]);
  const refused = refusals.map(({ rule, key, requests: kept, first, last }) => [
    rule,
    key ?? "",
    count(kept),
    `${time(first)} to ${time(last)}`,
  ]);
  return [
    head,
    figures,
    ...(went.length === 0 ? [] : [tabulate(["from", "to", "requests"], went)]),
    ...(refused.length === 0 ? [] : [tabulate(["newly refused by", "key", "requests", "when"], refused)]),
    ...(verdict === null ? [] : [gateLine(verdict, paint)]),
  ];
}

const fidelity = ({ fidelity: share }: ReplayReport): string =>
  share === null
    ? "unknown"
    : `${percent(share)}${share < leastFidelity ? ", too low to conclude anything" : ""}`;

function gateLine(verdict: GateVerdict, paint: Paint): string {
  switch (verdict.kind) {
    case "passed":
      return paint("green", "The gate is passed.");
    case "inconclusive":
      return paint("yellow", `The gate is inconclusive: ${verdict.why}.`);
    case "failed":
      return paint("red", `The gate is not passed: ${verdict.why.join("; ")}.`);
  }
}

const usd = (amount: number | null): string => (amount === null ? "unknown" : `$${amount.toFixed(2)}`);

function costOf({ head, change, low, high }: CostReport): string {
  const changed = change === null ? "" : ` (${change < 0 ? "" : "+"}${percent(change)})`;
  const range = low === null || high === null || high - low < 0.005 ? "" : `, ${usd(low)} to ${usd(high)}`;
  return `${usd(head)}${changed}${range}`;
}

const time = (at: number): string => new Date(at).toISOString();

/** Names come out of a file that may be anyone's: nothing of them is markup. */
const inert = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#@!~$&]/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(/\s+/g, " ");

const markdownTable: Tabulate = (heading, rows) =>
  [heading, heading.map(() => "---"), ...rows]
    .map((row, index) => `| ${row.map((cell) => (index === 1 ? cell : inert(cell))).join(" | ")} |`)
    .join("\n");
