import type { Sample } from "./load.ts";
import type { Contender } from "./options.ts";
import type { ScenarioName } from "./scenarios.ts";

/** All that was found out about one contender. */
export interface Findings {
  readonly contender: Contender;
  /** The median sample of each scenario. */
  readonly samples: Readonly<Partial<Record<ScenarioName, Sample>>>;
  readonly startMs: number | null;
  readonly idleMb: number | null;
  readonly afterMb: number | null;
}

/** The middle of several samples, field by field; errors add up. */
export function median(samples: readonly Sample[]): Sample {
  const middle = (field: "perSecond" | "cpuMicros" | "p50Micros" | "p99Micros") => {
    const values = samples.flatMap((sample) => sample[field] ?? []).sort((a, b) => a - b);
    const value = values[Math.floor(values.length / 2)];
    return value === undefined ? {} : { [field]: value };
  };
  return {
    ...middle("perSecond"),
    ...middle("cpuMicros"),
    ...middle("p50Micros"),
    ...middle("p99Micros"),
    errors: samples.reduce((sum, sample) => sum + sample.errors, 0),
  };
}

/** One line of the comparison with the targets. */
export interface Ratio {
  readonly figure: string;
  readonly value: number | null;
  readonly unit: string;
  /** The target of the first release and the one after it. */
  readonly target: readonly [first: number, then: number | null];
  readonly better: "less" | "more";
}

/** Switchyard's figures against the others of the same run, beside the targets. */
export function ratios(all: readonly Findings[]): readonly Ratio[] {
  const of = (contender: Contender) => all.find((findings) => findings.contender === contender);
  const [ours, nginx, direct] = [of("switchyard"), of("nginx"), of("direct")];
  const [onNode, onBun] = [of("portkey-node"), of("portkey-bun")];
  const cpu = (name: ScenarioName) => divide(ours?.samples[name]?.cpuMicros, nginx?.samples[name]?.cpuMicros);
  const speed = (peer: Findings | undefined) =>
    divide(ours?.samples.c32?.perSecond, peer?.samples.c32?.perSecond);
  const added = (findings: Findings | undefined) =>
    minus(findings?.samples.rate?.p50Micros, direct?.samples.rate?.p50Micros);
  const less = { unit: "× nginx", better: "less" } as const;
  return [
    { figure: "CPU per 1 KB request", value: cpu("c32"), target: [2.5, 1.7], ...less },
    { figure: "CPU per streamed event", value: cpu("streams"), target: [1.7, 1.35], ...less },
    { figure: "CPU per 100 KB request", value: cpu("large"), target: [3.5, 2], ...less },
    {
      figure: "p50 added at 500 req/s",
      value: divide(added(ours), added(nginx)),
      target: [2.5, 1.5],
      ...less,
    },
    {
      figure: "throughput, 32 connections",
      value: speed(onNode),
      unit: "× Portkey on node",
      target: [15, 25],
      better: "more",
    },
    {
      figure: "throughput, 32 connections",
      value: speed(onBun),
      unit: "× Portkey on Bun",
      target: [4, 6],
      better: "more",
    },
    {
      figure: "600 clients, 500 ms upstream",
      value: ours?.samples.slow?.perSecond ?? null,
      unit: "req/s",
      target: [1100, null],
      better: "more",
    },
    { figure: "RSS idle", value: ours?.idleMb ?? null, unit: "MB", target: [80, null], better: "less" },
    {
      figure: "RSS after the run",
      value: ours?.afterMb ?? null,
      unit: "MB",
      target: [120, null],
      better: "less",
    },
    {
      figure: "start to first answer",
      value: ours?.startMs ?? null,
      unit: "ms",
      target: [300, 150],
      better: "less",
    },
  ];
}

/** What a contender adds to the direct way, in µs. */
export function addedMicros(
  findings: Findings,
  all: readonly Findings[],
  field: "p50Micros" | "p99Micros",
): number | null {
  const direct = all.find(({ contender }) => contender === "direct");
  return minus(findings.samples.rate?.[field], direct?.samples.rate?.[field]);
}

function divide(a: number | null | undefined, b: number | null | undefined): number | null {
  return a == null || b == null || b <= 0 ? null : a / b;
}

function minus(a: number | undefined, b: number | undefined): number | null {
  return a === undefined || b === undefined ? null : a - b;
}
