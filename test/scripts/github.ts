/**
 * The workflow commands in a log that GitHub's runner would obey, in order. A line is one where it begins with `::`, blanks
 * aside, and none between `::stop-commands::TOKEN` and `::TOKEN::`.
 *
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function effectiveCommands(log: string): readonly string[] {
  const obeyed: string[] = [];
  let stopped: string | null = null;
  for (const line of log.split("\n").map((text) => text.trimStart())) {
    if (stopped !== null) {
      if (line === `::${stopped}::`) stopped = null;
    } else if (line.startsWith("::stop-commands::")) {
      stopped = line.slice("::stop-commands::".length);
    } else if (line.startsWith("::")) {
      obeyed.push(line);
    }
  }
  return obeyed;
}
