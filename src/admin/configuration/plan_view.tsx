import type { Section } from "../../simulate/plan/section.ts";
import { consequences, summaryOf } from "../../simulate/plan/sections.ts";
import type { PlanReport } from "../../simulate/plan.ts";
import { Changes } from "../parts/changes.tsx";
import { Table } from "../parts/table.tsx";
import type { Visit } from "./editor.tsx";
import { Place } from "./findings.tsx";

/** What an edit changes, the riskiest first, and what that comes to. */
export const PlanView = ({
  plan,
  onVisit,
}: {
  readonly plan: PlanReport;
  readonly onVisit: (visit: Visit) => void;
}) => (
  <>
    <p>{summaryOf({ report: plan })}</p>
    <Changes changes={plan.changes} placed={(at) => <Place at={at} onVisit={onVisit} />} />
    {consequences({ report: plan }).map((section) => (
      <Consequence key={section.title} section={section} />
    ))}
  </>
);

const isFigure = /^(|[$\d][$\d.,\s]*|unlimited|unknown)$/;

function Consequence({ section: { title, heading, rows } }: { readonly section: Section }) {
  const columns = heading.map((name, at) => ({
    name,
    cell: (row: readonly string[]) => row[at] ?? "",
    isFigure: rows.every((row) => isFigure.test(row[at] ?? "")),
  }));
  return (
    <>
      <h3>{title}</h3>
      <Table label={title} columns={columns} rows={rows} keyOf={(row) => row.join("\n")} empty="" />
    </>
  );
}
