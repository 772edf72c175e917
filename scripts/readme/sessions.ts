/** A terminal session in a guide: a ```console block whose commands are run, so that what it shows cannot rot. */
export interface Session {
  /** Of the line with the opening fence, from 1. */
  readonly line: number;
  /** The word behind `console`: blocks with the same one go on in the same directory, in order. Null: one of its own. */
  readonly name: string | null;
  readonly commands: readonly Command[];
}

/** One command, and what it is shown to print. */
export interface Command {
  /** What stands behind `$ `, with the lines behind `> ` that continue it. */
  readonly text: string;
  /** Without empty lines at the end. */
  readonly output: readonly string[];
  /** Of its output's first line in the guide, from 0. */
  readonly from: number;
}

/** Every session of a guide in which this program is called; other console blocks are left alone. */
export function sessionsIn(guide: string): readonly Session[] {
  const lines = guide.split("\n");
  const found: Session[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, name] = /^```console(?: +(\S+))?$/.exec(lines[at] ?? "") ?? [];
    if (!lines[at]?.startsWith("```console")) continue;
    const end = lines.indexOf("```", at + 1);
    const session = { line: at + 1, name: name ?? null, commands: commandsIn(lines, at + 1, end) };
    if (session.commands.some(({ text }) => text.includes("bun run src/index.ts"))) found.push(session);
    at = end;
  }
  return found;
}

function commandsIn(lines: readonly string[], from: number, end: number): readonly Command[] {
  const starts = [...lines.keys()].filter((at) => at >= from && at < end && lines[at]?.startsWith("$ "));
  return starts.map((start, index) => {
    let first = start + 1;
    while (first < end && lines[first]?.startsWith("> ")) first++;
    const text = lines.slice(start, first).map((line) => line.slice(2));
    const output = lines.slice(first, starts[index + 1] ?? end);
    return { text: text.join("\n"), output: withoutEnd(output), from: first };
  });
}

const withoutEnd = (lines: readonly string[]): readonly string[] =>
  lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);

/** Whether a command printed what is shown: times aside, and where a line `…` stands for any number of lines. */
export function isShown(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first === "…") return printed.some((_, at) => isShown(rest, printed.slice(at))) || isShown(rest, []);
  return (
    printed.length > 0 && timeless(first) === timeless(printed[0] ?? "") && isShown(rest, printed.slice(1))
  );
}

/** Times differ from run to run, and the names of commits with every change of what ships. */
export const timeless = (line: string): string =>
  line
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/(?<![\w.$-])\d[\d.,]* ?(ms|s|min)\b/g, "TIME")
    .replace(/\([0-9a-f]{8}\)/g, "(COMMIT)")
    .replace(/ {2,}/g, "  ");

/** The guide with what its commands print now, where that is not what it shows. */
export function renewed(guide: string, printed: ReadonlyMap<Command, readonly string[]>): string {
  const lines: (string | null)[] = guide.split("\n");
  for (const [{ output, from }, now] of printed) {
    if (isShown(output, now)) continue;
    for (let at = from; at < from + output.length; at++) lines[at] = null;
    lines[from] = [...now, ...(output.length === 0 ? [lines[from]] : [])].join("\n");
  }
  return lines.filter((line) => line !== null).join("\n");
}
