import { Bar } from "../parts/bar.tsx";
import { Chart, type Drawing } from "../parts/chart.tsx";
import { type Order, useOrders } from "../parts/order.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Chip, Tile } from "../parts/tile.tsx";
import { Circuits } from "../resets/circuits.tsx";
import { notToBeReset, resetOfLimit } from "../resets/orders.ts";
import type { Board } from "../routes/board.ts";
import type { SectionProps } from "../section.ts";
import type { Overview, Point, Trends } from "../tally.ts";
import { useAnswer } from "../use_answer.ts";
import { count, duration, percent, rate, unknown, usd } from "../words.ts";

/** What the traffic does at this moment, who serves it, and what is left of the limits. */
export function Now({ api }: SectionProps) {
  const overview = useAnswer<Overview>(api, "/metrics", 2_000);
  const trends = useAnswer<Trends>(api, "/metrics/trends?hours=1&bucket=minute", 10_000);
  const limits = useAnswer<{ readonly limits: readonly Use[] }>(api, "/admin/api/limits", 2_000);
  const routes = useAnswer<Pick<Board, "endpoints">>(api, "/admin/api/routes", 5_000);
  const { ask, dialog } = useOrders(api, limits.again);
  const { value } = overview;
  const endpoints = routes.value?.endpoints ?? [];
  return (
    <>
      <Problem text={overview.problem ?? trends.problem ?? limits.problem ?? routes.problem} />
      {value === null ? null : <Figures overview={value} points={trends.value?.points ?? []} />}
      <Panel title="Providers">
        <Table
          label="Each provider"
          columns={providerColumns}
          rows={value?.providers ?? []}
          keyOf={({ provider }) => provider}
          empty="The file has no provider."
        />
      </Panel>
      <Circuits api={api} endpoints={endpoints} again={routes.again} />
      <Panel title="Limits and budgets">
        <Limits limits={limits.value?.limits ?? []} ask={ask} />
        {dialog}
      </Panel>
    </>
  );
}

function Figures({ overview, points }: { readonly overview: Overview; readonly points: readonly Point[] }) {
  const { last_minute: minute, last_hour: hour, in_flight } = overview;
  const failed = minute.requests === 0 ? null : (minute.errors + minute.refused) / minute.requests;
  const draw = (name: string, of: (point: Point) => number | null, format: Drawing["format"]): Drawing => ({
    times: points.map(({ start }) => Date.parse(start) / 1_000),
    lines: [{ name, ink: "--accent", values: points.map(of) }],
    format,
  });
  const charted = (name: string, of: (point: Point) => number | null, format: Drawing["format"]) =>
    points.length === 0 ? null : (
      <Chart label={`${name}, the last hour`} height={48} spark drawing={draw(name, of, format)} />
    );
  const ofRequests = (point: Point) =>
    point.requests === 0 ? null : (point.errors + point.refused) / point.requests;
  return (
    <div class="tiles">
      <Tile
        name="Requests"
        figure={rate(minute.requests / 60)}
        unit={`per second, ${count(in_flight)} in flight`}
      >
        {charted("per minute", ({ requests }) => requests, count)}
      </Tile>
      <Tile
        name="Errors and refusals"
        figure={percent(failed)}
        unit={`${count(minute.errors)} and ${count(minute.refused)} in a minute`}
        state={failed !== null && failed > 0.05 ? "bad" : failed !== null && failed > 0.01 ? "warn" : "good"}
      >
        {charted("share", ofRequests, percent)}
      </Tile>
      <Tile
        name="Latency"
        figure={duration(minute.latency_ms.p95)}
        unit={`p95, ${duration(minute.latency_ms.p50)} median`}
      >
        {charted("p95", ({ latency_ms }) => latency_ms.p95, duration)}
      </Tile>
      <Tile name="Tokens" figure={count(minute.tokens.total)} unit="in the last minute">
        {charted("per minute", ({ tokens }) => tokens.total, count)}
      </Tile>
      <Tile
        name="Cost"
        figure={usd(hour.cost_usd)}
        unit={`in the last hour, ${count(hour.unpriced)} without a price`}
      >
        {charted("per minute", ({ cost_usd }) => cost_usd, usd)}
      </Tile>
    </div>
  );
}

type ProviderRow = Overview["providers"][number];

const providerColumns: readonly Column<ProviderRow>[] = [
  { name: "Provider", cell: ({ provider }) => provider },
  {
    name: "Health",
    cell: ({ healthy, reason }) => (
      <Chip state={healthy ? "good" : "bad"}>
        {healthy ? "healthy" : (reason ?? "not healthy").replaceAll("_", " ")}
      </Chip>
    ),
  },
  {
    name: "Circuit",
    cell: ({ circuit }) => (
      <Chip state={circuit === "closed" ? "good" : circuit === "open" ? "bad" : "warn"}>
        {circuit.replace("_", " ")}
      </Chip>
    ),
  },
  { name: "Requests", isFigure: true, cell: ({ requests }) => count(requests) },
  { name: "Errors", isFigure: true, cell: ({ errors }) => count(errors) },
  { name: "p95", isFigure: true, cell: ({ latency_ms }) => duration(latency_ms.p95) },
  { name: "First token", isFigure: true, cell: ({ ttft_ms }) => duration(ttft_ms.p50) },
  { name: "Cost", isFigure: true, cell: ({ cost_usd }) => usd(cost_usd) },
];

/** What is used of one limit. */
interface Use {
  readonly scope: string;
  readonly name: string;
  readonly limit: string;
  readonly unit: "requests" | "tokens" | "usd";
  readonly says: string;
  readonly used: number;
  readonly of: number;
  readonly reset_ms: number;
}

/** Fullest first. */
function Limits({ limits, ask }: { readonly limits: readonly Use[]; readonly ask: (order: Order) => void }) {
  const rows = limits.toSorted((a, b) => b.used / b.of - a.used / a.of);
  const figure = ({ unit }: Use, value: number) => (unit === "usd" ? usd(value) : count(value));
  const columns: readonly Column<Use>[] = [
    { name: "Of", cell: ({ scope, name }) => `${scope.replace("_", " ")} ${name}` },
    { name: "Limit", cell: ({ says }) => says },
    {
      name: "Used",
      cell: (use) => <Bar used={use.used} of={use.of} label={`${use.name}, ${use.says}`} />,
    },
    {
      name: "Left",
      isFigure: true,
      cell: (use) => `${figure(use, Math.max(0, use.of - use.used))} of ${figure(use, use.of)}`,
    },
    {
      name: "Free in",
      isFigure: true,
      cell: ({ used, reset_ms }) => (used === 0 ? unknown : duration(Math.ceil(reset_ms / 1_000) * 1_000)),
    },
    { name: "Reset", cell: (use) => <Reset use={use} ask={ask} /> },
  ];
  return (
    <Table
      label="Each limit and budget"
      columns={columns}
      rows={rows}
      keyOf={({ scope, name, limit }) => `${scope} ${name} ${limit}`}
      empty="The file sets no limits and no budgets."
    />
  );
}

/** What cannot be reset says why instead. */
function Reset({ use, ask }: { readonly use: Use; readonly ask: (order: Order) => void }) {
  const not = notToBeReset(use);
  if (not !== null) return <span class="again">{not}</span>;
  return (
    <button
      type="button"
      aria-label={`Reset the ${use.says} of ${use.name}`}
      onClick={() => ask(resetOfLimit(use))}
    >
      Reset …
    </button>
  );
}
