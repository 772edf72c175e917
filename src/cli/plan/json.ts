import type { Change } from "../../config/diff/change.ts";
import type { Planned } from "../../simulate/plan/sections.ts";
import { placeOf } from "../../simulate/plan/words.ts";

/** The report for programs. `line` and its like are where a change stands in the head, of what goes in the base. */
export function planJson({ base, head, report }: Planned): string {
  const { has_changes, changes, ...rest } = report;
  const told = { has_changes, changes: changes.map(changeJson), ...rest };
  return JSON.stringify({ base: sideJson(base), head: sideJson(head), ...told }, null, 2);
}

const sideJson = ({ label, commit, digest }: Planned["base"]) => ({ source: label, commit, digest });

function changeJson(change: Change) {
  const { path, from, to, class: risk, base, head } = change;
  const { file, line, column } = placeOf(change).at;
  return { path, from, to, class: risk, file, line, column, base, head };
}
