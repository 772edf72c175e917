import { type Paint, printable } from "./shell.ts";

/** Rows in aligned columns under a heading, without a trailing newline; what is painted takes no more room. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const all = [heading.map((title) => paint("dim", title)), ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => visible(row[column] ?? ""))));
  return all
    .map((row) =>
      heading
        .map(
          (_, column) => (row[column] ?? "") + " ".repeat((widths[column] ?? 0) - visible(row[column] ?? "")),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A text of others on one line of at most so many characters. */
export function cut(text: string, most: number): string {
  const line = printable(text.replace(/\s+/g, " ").trim());
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what colours are made of.
const visible = (text: string): number => text.replace(/\x1b\[\d+m/g, "").length;
