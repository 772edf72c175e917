import { type Change, type Risk, risks } from "../../config/diff/change.ts";
import { showPosition } from "../../domain/position.ts";
import type { Section } from "../../simulate/plan/section.ts";
import { byRisk, consequences, type Planned, summaryOf } from "../../simulate/plan/sections.ts";
import { flow, placeOf, signOf } from "../../simulate/plan/words.ts";

/** A comment of GitHub takes 65,536 characters; what is longer than this is cut, and says so. */
const mostRows = 100;
const mostText = 120;

/** Risks that a reviewer has to see without a click. */
const loud: readonly Risk[] = ["BREAKING", "SECRET", "ACCESS"];

/**
 * The report for the summary of a step or a comment on a pull request. Names and values come out of files that anyone may
 * have written: each stands in a `<code>` element with every mark that means something as a character reference, so that
 * nothing of it is markup, a link, or a mention of somebody.
 */
export function planMarkdown(planned: Planned): string {
  const { base, head, report } = planned;
  const groups = byRisk(report.changes).map(([risk, changes]) => {
    const title = `${risk}: ${risks[risk]} (${changes.length})`;
    const section = {
      title,
      heading: ["", "what", "before", "after", "where"],
      rows: changes.map(rowOf),
    };
    return details(section, loud.includes(risk));
  });
  return [
    `### Plan: ${summaryOf(planned)}`,
    `${code(base.label)} → ${code(head.label)}`,
    ...groups,
    ...consequences(planned).map((section) => details(section, false)),
  ].join("\n\n");
}

function rowOf(change: Change): readonly string[] {
  const { side, at } = placeOf(change);
  const where = `${showPosition(at)}${side === "base" ? " (base)" : ""}`;
  const show = (value: unknown) => (value === null ? "" : flow(value));
  return [signOf(change), change.path, show(change.from), show(change.to), where];
}

function details({ title, heading, rows }: Section, open: boolean): string {
  const shown = rows.slice(0, mostRows).map((row) => `| ${row.map(code).join(" | ")} |`);
  const left = rows.length - mostRows;
  return [
    `<details${open ? " open" : ""}><summary>${title}</summary>`,
    "",
    `| ${heading.join(" | ")} |`,
    `| ${heading.map(() => "---").join(" | ")} |`,
    ...shown,
    ...(left > 0 ? ["", `… and ${left} more; the whole is in the JSON.`] : []),
    "",
    "</details>",
  ].join("\n");
}

/** A text as it stands, whatever it is. */
export function code(text: string): string {
  if (text === "") return "";
  const line = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  const short = line.length > mostText ? `${line.slice(0, mostText - 1).toWellFormed()}…` : line;
  // What is left cannot begin anything, but for an address without its scheme.
  const inert = short
    .replace(/[^\p{L}\p{N} .,/()+=-]/gu, (mark) => `&#${mark.codePointAt(0)};`)
    .replace(/www\./gi, (start) => start.replace(".", "&#46;"));
  return `<code>${inert}</code>`;
}
