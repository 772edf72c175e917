import type { Status } from "../../rollout/status.ts";
import type { Trends } from "../tally.ts";
import { ago, count, duration } from "../words.ts";
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

/** Both arms, always in the same order and so in the same colours, and nothing that belongs to neither. */
export function wholeArms(trends: Trends): Trends {
  const { series = [] } = trends;
  const arms = ["stable", "canary"].flatMap((arm) => series.find(({ group }) => group === arm) ?? []);
  return { ...trends, series: arms };
}
