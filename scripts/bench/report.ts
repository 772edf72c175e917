import { addedMicros, type Findings, type Ratio, ratios } from "./figures.ts";

/** The two tables: figures of all contenders, then ratios beside the targets. */
export function report(all: readonly Findings[]): string {
  return `${figureTable(all)}\n\n${ratioTable(ratios(all))}`;
}

function figureTable(all: readonly Findings[]): string {
  const head = [
    "",
    "req/s c=1",
    "c=32",
    "c=256",
    "CPU µs/req",
    "100 KB req/s",
    "CPU µs",
    "+p50 µs",
    "+p99 µs",
    "first event µs",
    "events/s",
    "CPU µs/event",
    "600×500ms req/s",
    "start ms",
    "RSS MB idle/after",
    "errors",
  ];
  const rows = all.map((findings) => {
    const { samples, contender } = findings;
    const proxied = contender !== "direct";
    const errors = Object.values(samples).reduce((sum, sample) => sum + sample.errors, 0);
    return [
      contender,
      whole(samples.c1?.perSecond),
      whole(samples.c32?.perSecond),
      whole(samples.c256?.perSecond),
      proxied ? tenth(samples.c32?.cpuMicros) : "–",
      whole(samples.large?.perSecond),
      proxied ? whole(samples.large?.cpuMicros) : "–",
      proxied ? whole(addedMicros(findings, all, "p50Micros")) : `(${whole(samples.rate?.p50Micros)})`,
      proxied ? whole(addedMicros(findings, all, "p99Micros")) : `(${whole(samples.rate?.p99Micros)})`,
      whole(samples.first?.p50Micros),
      whole(samples.streams?.perSecond),
      proxied ? tenth(samples.streams?.cpuMicros) : "–",
      whole(samples.slow?.perSecond),
      whole(findings.startMs),
      `${whole(findings.idleMb)}/${whole(findings.afterMb)}`,
      `${errors}`,
    ];
  });
  return markdown([head, ...rows]);
}

function ratioTable(lines: readonly Ratio[]): string {
  const head = ["Switchyard", "found", "target", "later", ""];
  const rows = lines.map(({ figure, value, unit, target: [first, then], better }) => {
    const sign = better === "less" ? "≤" : "≥";
    const held =
      value === null ? "–" : (better === "less" ? value <= first : value >= first) ? "met" : "MISSED";
    const found = value === null ? "–" : `${value >= 100 ? whole(value) : value.toFixed(2)} ${unit}`;
    return [figure, found, `${sign} ${first}`, then === null ? "" : `${sign} ${then}`, held];
  });
  return markdown([head, ...rows]);
}

function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0), 3),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  const [head = [], ...others] = rows;
  return [line(head), rule, ...others.map(line)].join("\n");
}

function whole(value: number | null | undefined): string {
  return value == null ? "–" : Math.round(value).toLocaleString("en-US");
}

function tenth(value: number | null | undefined): string {
  return value == null ? "–" : value.toFixed(1);
}
