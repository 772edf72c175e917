/** One below the other with a gap: where each begins, and how high they are together. */
export function stack(
  heights: readonly number[],
  gap: number,
): { readonly tops: readonly number[]; readonly height: number } {
  const tops: number[] = [];
  let y = 0;
  for (const height of heights) {
    tops.push(y);
    y += height + gap;
  }
  return { tops, height: Math.max(0, y - gap) };
}

/** Over a height that is given, with as much more between them; alone, in the middle. */
export function spread(heights: readonly number[], gap: number, height: number): readonly number[] {
  const { tops, height: needed } = stack(heights, gap);
  const left = Math.max(0, height - needed);
  const more = Math.min(left / (heights.length + 1), 60);
  const first = (left - more * (heights.length - 1)) / 2;
  return tops.map((top, at) => top + first + more * at);
}

/**
 * As near as can be to where each wants to be, in order, none nearer than `step` to the next, none above 0. Those that would
 * overlap stand together, their middle where they want it to be.
 */
export function around(wanted: readonly number[], step: number): readonly number[] {
  const blocks: Block[] = [];
  for (const want of wanted) {
    let block: Block = { top: Math.max(0, want), size: 1, sum: want };
    for (let above = blocks.at(-1); above !== undefined; above = blocks.at(-1)) {
      if (above.top + above.size * step <= block.top) break;
      blocks.pop();
      block = joined(above, block, step);
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ top, size }) => Array.from({ length: size }, (_, at) => top + at * step));
}

/** So many that stand together from `top` on; `sum`: where each wants the first of them to be, added up. */
interface Block {
  readonly top: number;
  readonly size: number;
  readonly sum: number;
}

function joined(above: Block, below: Block, step: number): Block {
  const size = above.size + below.size;
  const sum = above.sum + below.sum - below.size * above.size * step;
  return { top: Math.max(0, sum / size), size, sum };
}

/** In the order of the middle of what each belongs to; those that share it keep theirs. */
export const barycentre = <T>(items: readonly T[], at: (item: T) => readonly number[]): readonly T[] =>
  items
    .map((item) => ({ item, middle: mean(at(item)) }))
    .toSorted((a, b) => a.middle - b.middle)
    .map(({ item }) => item);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
