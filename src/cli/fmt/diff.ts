/** One line of a difference: kept, taken away or put there. */
interface Change {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Beyond so many pairs of lines a table of them would take too long. */
const mostPairs = 4_000_000;
const around = 1;

/** What changes between two texts, with a line of context, as `diff -u` writes it; at most so many lines. */
export function diff(before: string, after: string, most: number): readonly string[] {
  const changes = changesBetween(before.split("\n"), after.split("\n"));
  const near = changes.map((_, index) =>
    changes.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== " "),
  );
  const lines: string[] = [];
  let number = 1;
  changes.forEach(({ sign, text }, index) => {
    if (near[index] === true) {
      if (near[index - 1] !== true) lines.push(`@@ line ${number} @@`);
      lines.push(`${sign}${text}`);
    }
    if (sign !== "+") number++;
  });
  return lines.length <= most
    ? lines
    : [...lines.slice(0, most), `… ${lines.length - most} more lines differ`];
}

function changesBetween(before: readonly string[], after: readonly string[]): readonly Change[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before.at(-1 - end) === after.at(-1 - end)) end++;
  const kept = (lines: readonly string[]) => lines.map((text): Change => ({ sign: " ", text }));
  return [
    ...kept(before.slice(0, start)),
    ...longest(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...kept(before.slice(before.length - end)),
  ];
}

/** By the longest common subsequence. */
function longest(before: readonly string[], after: readonly string[]): readonly Change[] {
  const width = after.length + 1;
  if (before.length * width > mostPairs)
    return [
      ...before.map((text): Change => ({ sign: "-", text })),
      ...after.map((text): Change => ({ sign: "+", text })),
    ];
  const common = new Uint32Array((before.length + 1) * width);
  const at = (a: number, b: number) => common[a * width + b] ?? 0;
  for (let a = before.length - 1; a >= 0; a--) {
    for (let b = after.length - 1; b >= 0; b--) {
      common[a * width + b] =
        before[a] === after[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  const changes: Change[] = [];
  let [a, b] = [0, 0];
  while (a < before.length || b < after.length) {
    const [old, made] = [before[a], after[b]];
    if (old !== undefined && old === made) {
      changes.push({ sign: " ", text: old });
      a++;
      b++;
    } else if (made === undefined || (old !== undefined && at(a + 1, b) >= at(a, b + 1))) {
      changes.push({ sign: "-", text: old ?? "" });
      a++;
    } else {
      changes.push({ sign: "+", text: made });
      b++;
    }
  }
  return changes;
}
