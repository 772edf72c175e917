import { type Change, type Risk, risks } from "../../config/diff/change.ts";
import { showPosition } from "../../domain/position.ts";
import type { Section } from "../../simulate/plan/section.ts";
import { byRisk, consequences, type Planned, summaryOf } from "../../simulate/plan/sections.ts";
import { placeOf, signOf, turnOf } from "../../simulate/plan/words.ts";
import { type Paint, printable, type Style } from "../shell.ts";
import { cut, table } from "../table.ts";

const styles: Readonly<Record<Risk, Style>> = {
  BREAKING: "red",
  SECRET: "red",
  ACCESS: "red",
  ROUTE: "yellow",
  CAPACITY: "yellow",
  COST: "yellow",
  SAFE: "green",
};

/** Of one value, and of one table; the whole is in JSON. */
const widest = 72;
const mostRows = 50;

/** The report for people at a terminal: changes by their risk, then what they come to. */
export function planPretty(planned: Planned, paint: Paint): string {
  const { base, head, report } = planned;
  const title = `${paint("bold", `${printable(base.label)} → ${printable(head.label)}`)}   ${summaryOf(planned)}`;
  const groups = byRisk(report.changes).map(([risk, changes]) =>
    [`${paint(styles[risk], risk)}  ${paint("dim", risks[risk])}`, listed(changes, paint)].join("\n"),
  );
  const tables = consequences(planned).map((section) => tabulated(section, paint));
  return [title, ...groups, ...tables].join("\n\n");
}

function tabulated({ title, heading, rows }: Section, paint: Paint): string {
  const shown = rows.slice(0, mostRows).map((row) => row.map(printable));
  const left = rows.length - shown.length;
  const rest = left === 0 ? [] : [paint("dim", `  and ${left} more; --format json has all`)];
  return [paint("bold", title), indented(table(heading, shown, paint)), ...rest].join("\n");
}

function listed(changes: readonly Change[], paint: Paint): string {
  const rows = changes.map((change) => {
    const { side, at } = placeOf(change);
    const where = `${printable(showPosition(at))}${side === "base" ? " (base)" : ""}`;
    return [`${signOf(change)} ${printable(change.path)}`, cut(turnOf(change), widest), where] as const;
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(([path, turn, where]) =>
      `  ${path.padEnd(widths[0] ?? 0)}  ${turn.padEnd(widths[1] ?? 0)}  ${paint("dim", where)}`.trimEnd(),
    )
    .join("\n");
}

const indented = (text: string): string => text.replace(/^/gm, "  ");
