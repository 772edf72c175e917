import type { Drawing, Line } from "../parts/chart.tsx";
import type { Point, Trends } from "../tally.ts";
import { count, duration, percent, usd } from "../words.ts";

/** One chart of the section. */
export interface Named {
  readonly title: string;
  readonly drawing: Drawing;
}

interface Figure {
  readonly name: string;
  readonly of: (point: Point) => number | null;
}

/** What is drawn of any traffic: one line for each figure, or one for each group of the first. */
const charts: readonly {
  readonly title: string;
  readonly format: Drawing["format"];
  readonly figures: readonly [Figure, ...Figure[]];
}[] = [
  {
    title: "Requests",
    format: count,
    figures: [
      { name: "requests", of: ({ requests }) => requests },
      { name: "errors", of: ({ errors }) => errors },
      { name: "refused", of: ({ refused }) => refused },
    ],
  },
  {
    title: "Share of errors and refusals",
    format: percent,
    figures: [
      {
        name: "of requests",
        of: ({ requests, errors, refused }) => (requests === 0 ? null : (errors + refused) / requests),
      },
    ],
  },
  {
    title: "Latency",
    format: duration,
    figures: [
      { name: "p95", of: ({ latency_ms }) => latency_ms.p95 },
      { name: "median", of: ({ latency_ms }) => latency_ms.p50 },
      { name: "p99", of: ({ latency_ms }) => latency_ms.p99 },
    ],
  },
  {
    title: "Time to first token",
    format: duration,
    figures: [
      { name: "p95", of: ({ ttft_ms }) => ttft_ms.p95 },
      { name: "median", of: ({ ttft_ms }) => ttft_ms.p50 },
    ],
  },
  {
    title: "Tokens",
    format: count,
    figures: [
      { name: "all", of: ({ tokens }) => tokens.total },
      { name: "prompt", of: ({ tokens }) => tokens.prompt },
      { name: "cached", of: ({ tokens }) => tokens.cached },
      { name: "completion", of: ({ tokens }) => tokens.completion },
      { name: "reasoning", of: ({ tokens }) => tokens.reasoning },
    ],
  },
  { title: "Cost", format: usd, figures: [{ name: "USD", of: ({ cost_usd }) => cost_usd }] },
];

const inks = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6", "--line-7", "--line-8"];
const ink = (index: number): string => inks[index % inks.length] ?? "--line-1";

/** The charts of some traffic; `before` is drawn dashed at the places of what came a whole stretch later. */
export function drawingsOf({ points, series }: Trends, before: Trends | null): readonly Named[] {
  const times = points.map(({ start }) => Date.parse(start) / 1_000);
  return charts.map(({ title, format, figures }) => {
    const [main] = figures;
    const lines: Line[] =
      series === undefined
        ? figures.map(({ name, of }, index) => ({ name, ink: ink(index), values: points.map(of) }))
        : series.slice(0, inks.length).map((one, index) => ({
            name: one.group ?? "(none)",
            ink: ink(index),
            values: one.points.map(main.of),
          }));
    if (before !== null) {
      // Both end at their newest point: the first of the older one may be a bucket more.
      const shifted = times.map((_, index) => before.points.at(index - times.length));
      lines.push({
        name: `${main.name}, the time before`,
        ink: "--soft",
        dashed: true,
        values: shifted.map((point) => (point === undefined ? null : main.of(point))),
      });
    }
    return {
      title: series === undefined ? title : `${title} (${main.name})`,
      drawing: { times, lines, format },
    };
  });
}
