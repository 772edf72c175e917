import { type Change, type Risk, risks } from "../../config/diff/change.ts";
import type { Section } from "../../simulate/plan/section.ts";
import { byRisk, consequences, summaryOf } from "../../simulate/plan/sections.ts";
import { flow, placeOf, signOf } from "../../simulate/plan/words.ts";
import type { PlanReport } from "../../simulate/plan.ts";
import { Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import type { Visit } from "./editor.tsx";
import { Place } from "./findings.tsx";
import { shortName } from "./texts.ts";

const states = {
  BREAKING: "bad",
  SECRET: "bad",
  ACCESS: "bad",
  ROUTE: "warn",
  CAPACITY: "warn",
  COST: "warn",
  SAFE: "good",
} as const satisfies Readonly<Record<Risk, string>>;

/** What an edit changes, the riskiest first, and what that comes to. */
export function PlanView({
  plan,
  onVisit,
}: {
  readonly plan: PlanReport;
  readonly onVisit: (visit: Visit) => void;
}) {
  return (
    <>
      <p>{summaryOf({ report: plan })}</p>
      {byRisk(plan.changes).map(([risk, changes]) => (
        <section key={risk} class="risk" aria-label={risk}>
          <h3>
            <Chip state={states[risk]}>{risk}</Chip> <span class="soft">{risks[risk]}</span>
          </h3>
          <ul>
            {changes.map((change) => (
              <ChangeLine key={change.path} change={change} onVisit={onVisit} />
            ))}
          </ul>
        </section>
      ))}
      {consequences({ report: plan }).map((section) => (
        <Consequence key={section.title} section={section} />
      ))}
    </>
  );
}

const signs = { "+": "added", "-": "removed", "~": "changed" } as const;

function ChangeLine({
  change,
  onVisit,
}: {
  readonly change: Change;
  readonly onVisit: (visit: Visit) => void;
}) {
  const sign = signOf(change);
  const { side, at } = placeOf(change);
  return (
    <li>
      <span class="sign" title={signs[sign]} aria-hidden="true">
        {sign === "-" ? "−" : sign}
      </span>
      <span class="unseen">{signs[sign]} </span>
      <code>{change.path}</code>{" "}
      {side === "head" ? (
        <Place at={at} onVisit={onVisit} />
      ) : (
        <span class="soft">
          was at {shortName(at.file)}:{at.line}
        </span>
      )}
      <p class="turn">
        {change.from === null ? null : <del>{flow(change.from)}</del>}
        {sign === "~" ? " → " : null}
        {change.to === null ? null : <ins>{flow(change.to)}</ins>}
      </p>
    </li>
  );
}

function Consequence({ section: { title, heading, rows } }: { readonly section: Section }) {
  const columns = heading.map((name, at) => ({ name, cell: (row: readonly string[]) => row[at] ?? "" }));
  return (
    <>
      <h3>{title}</h3>
      <Table label={title} columns={columns} rows={rows} keyOf={(row) => row.join("\n")} empty="" />
    </>
  );
}
