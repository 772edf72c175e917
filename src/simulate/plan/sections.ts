import { type Change, type Risk, risks } from "../../config/diff/change.ts";
import { limitNames } from "../../domain/limits.ts";
import type { PlanReport } from "../plan.ts";
import { priceSection, trafficSection } from "./cost_sections.ts";
import type { Section } from "./section.ts";
import { count, figure } from "./words.ts";

/** A report and where its two sides come from. */
export interface Planned {
  readonly base: Labelled;
  readonly head: Labelled;
  readonly report: PlanReport;
}

interface Labelled {
  readonly label: string;
  readonly commit: string | null;
  readonly digest: string;
}

/** Changes by their risk, the worst first; those that there are. */
export const byRisk = (changes: readonly Change[]): readonly (readonly [Risk, readonly Change[]])[] =>
  (Object.keys(risks) as readonly Risk[])
    .map((risk) => [risk, changes.filter((change) => change.class === risk)] as const)
    .filter(([, its]) => its.length > 0);

/** `4 changes: 1 BREAKING, 3 ROUTE`. */
export function summaryOf({ report: { changes } }: { readonly report: Pick<PlanReport, "changes"> }): string {
  if (changes.length === 0) return "No changes: both mean the same.";
  const parts = byRisk(changes).map(([risk, its]) => `${its.length} ${risk}`);
  return `${count(changes.length, "change")}: ${parts.join(", ")}`;
}

/** What the changes come to, as tables; those that have something to tell. */
export const consequences = ({ report }: Pick<Planned, "report">): readonly Section[] =>
  [
    capacitySection(report),
    accessSection(report),
    resilienceSection(report),
    priceSection(report.cost),
    ...(report.cost.traffic === null ? [] : [trafficSection(report.cost.traffic)]),
  ].filter(({ rows }) => rows.length > 0);

function capacitySection({ capacity }: PlanReport): Section {
  const rows = capacity.flatMap(({ model, before, after }) =>
    limitNames.flatMap((limit) => {
      const [was, is] = [before?.[limit], after?.[limit]];
      return before === null || after === null || was === is
        ? []
        : [[model, limit, figure(was ?? null), figure(is ?? null)]];
    }),
  );
  return { title: "Capacity", heading: ["model", "limit", "before", "after"], rows };
}

function accessSection({ access }: PlanReport): Section {
  const rows = access.map(({ key, loses, gains }) => [key ?? "everybody", namesIn(loses), namesIn(gains)]);
  return { title: "Clients", heading: ["key", "loses", "gains"], rows };
}

const mostNames = 8;
const namesIn = (names: readonly string[]): string =>
  names.length <= mostNames
    ? names.join(", ")
    : `${names.slice(0, mostNames).join(", ")} and ${names.length - mostNames} more`;

/** Outages in which the same one answers instead of the same other one are told together. */
function resilienceSection({ resilience }: PlanReport): Section {
  const rows = new Map<
    string,
    { readonly turn: readonly [string, string, string]; readonly down: string[] }
  >();
  for (const { model, outage, before, after } of resilience.changes) {
    if (before === undefined || after === undefined) continue;
    const turn = [model, before ?? "nobody", after ?? "nobody"] as const;
    const row = rows.get(JSON.stringify(turn)) ?? { turn, down: [] };
    rows.set(JSON.stringify(turn), row);
    row.down.push(outage ?? "(none)");
  }
  return {
    title: "Who answers",
    heading: ["model", "before", "after", "while this provider is down"],
    rows: [...rows.values()].map(({ turn, down }) => [...turn, namesIn(down)]),
  };
}
