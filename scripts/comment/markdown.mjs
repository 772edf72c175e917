const mostText = 100;
const mostRows = 60;

/** A value of whatever kind as inert text: on one line, cut, every mark that could mean something as a character reference. */
export function code(value) {
  if (value === null || value === undefined) return "";
  const line = (typeof value === "string" ? value : JSON.stringify(value))
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();
  if (line === "") return "";
  const short = line.length > mostText ? `${line.slice(0, mostText - 1).toWellFormed()}…` : line;
  const inert = short.replace(/[^\p{L}\p{N} ,/()+=-]/gu, (mark) => `&#${mark.codePointAt(0)};`);
  return `<code>${inert}</code>`;
}

/** A text; "" where it is none. What is an object could throw where a text is made of it. */
export const textOf = (value) => (typeof value === "string" ? value : "");

/** The objects of a list; none where it is no list. */
export const listOf = (value) =>
  Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];

export const number = (value) => (Number.isFinite(value) ? value.toLocaleString("en-US") : "unknown");
export const percent = (share) =>
  Number.isFinite(share) ? `${Number((share * 100).toFixed(2))} %` : "unknown";
export const usd = (amount) => (Number.isFinite(amount) ? `$${amount.toFixed(2)}` : "unknown");
export const count = (many, word) => `${number(many)} ${word}${many === 1 ? "" : "s"}`;

/** A table that can be folded, of as many rows as there is room for; "" where there is room for none. */
export function tableWithin({ title, isOpen, heading, rows }, room) {
  const before = [
    `<details${isOpen ? " open" : ""}><summary>${title}</summary>`,
    "",
    `| ${heading.join(" | ")} |`,
    `|${"---|".repeat(heading.length)}`,
  ].join("\n");
  let left = room - before.length;
  const shown = [];
  for (const row of rows.slice(0, mostRows).map((cells) => `| ${cells.join(" | ")} |`)) {
    left -= row.length + 1;
    if (left < 0) break;
    shown.push(row);
  }
  if (shown.length === 0) return "";
  const more = rows.length - shown.length;
  return [
    before,
    ...shown,
    ...(more > 0 ? ["", `… and ${more} more in the whole report.`] : []),
    "",
    "</details>",
  ].join("\n");
}
