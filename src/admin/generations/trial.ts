import type { Status } from "../../rollout/status.ts";
import type { Drawing } from "../parts/chart.tsx";
import type { Point, Trends } from "../tally.ts";
import type { Named } from "../trends/drawings.ts";
import { ago, count, duration, percent, usd } from "../words.ts";
import { many } from "./words.ts";

type Canary = NonNullable<Status["canary"]>;

/** What has to come before the canary is judged, in a sentence. */
export function waitsFor({ until, min_requests, arms }: Canary, now: number): string {
  const { requests, refused, cancelled } = arms.canary;
  const served = requests - refused - cancelled;
  const left = Date.parse(until) - now;
  const enough =
    served >= min_requests
      ? `it has served the ${many(min_requests, "request")} that it takes`
      : `it has served ${count(served)} of the ${many(min_requests, "request")} that it takes`;
  return left > 0
    ? `It is judged in ${duration(left)} at the latest; ${enough}. It is taken back at once when it does worse.`
    : `Its time was over ${ago(until, now)}; ${enough}.`;
}

/** Figures of both arms since a canary began, in whole minutes. */
export function pathOfArms(since: string): string {
  const from = new Date(Math.floor(Date.parse(since) / 60_000) * 60_000).toISOString();
  return `/metrics/trends?${new URLSearchParams({ from, bucket: "auto", group_by: "arm" })}`;
}

const charts: readonly {
  readonly title: string;
  readonly format: Drawing["format"];
  readonly of: (point: Point) => number | null;
}[] = [
  { title: "Requests", format: count, of: ({ requests }) => requests },
  {
    title: "Errors and refusals of requests",
    format: percent,
    of: ({ requests, errors, refused }) => (requests === 0 ? null : (errors + refused) / requests),
  },
  { title: "Time to first token, p95", format: duration, of: ({ ttft_ms }) => ttft_ms.p95 },
  { title: "Cost", format: usd, of: ({ cost_usd }) => cost_usd },
];

/** Both arms over time, each always in its own colour; what belongs to neither is left out. */
export const chartsOfArms = ({ points, series = [] }: Trends): readonly Named[] =>
  charts.map(({ title, format, of }) => ({
    title,
    drawing: {
      times: points.map(({ start }) => Date.parse(start) / 1_000),
      format,
      lines: [
        ["stable", "--line-1"],
        ["canary", "--line-3"],
      ].flatMap(([name = "", ink = ""]) => {
        const its = series.find(({ group }) => group === name)?.points;
        return its === undefined ? [] : [{ name, ink, values: its.map(of) }];
      }),
    },
  }));
