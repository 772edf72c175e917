import { useMemo } from "preact/hooks";
import type { ArmSummary } from "../../rollout/canary/figures.ts";
import type { Status } from "../../rollout/status.ts";
import type { Api } from "../api.ts";
import { Chart } from "../parts/chart.tsx";
import type { Order } from "../parts/order.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import type { Trends } from "../tally.ts";
import { useAnswer } from "../use_answer.ts";
import { ago, count, duration, moment, percent, usd } from "../words.ts";
import { promote, withdraw } from "./orders.ts";
import { chartsOfArms, pathOfArms, waitsFor } from "./trial.ts";

/** A canary. */
export type Canary = NonNullable<Status["canary"]>;

/** A generation on its slice of the traffic: both arms in figures and over time, and what people can do to it. */
export function CanaryPanel({
  api,
  canary,
  ask,
}: {
  readonly api: Api;
  readonly canary: Canary;
  readonly ask: (order: Order) => void;
}) {
  const { generation, share, since } = canary;
  return (
    <Panel
      title={`Canary: generation ${generation} on ${percent(share)} of the traffic`}
      actions={
        <>
          <button type="button" onClick={() => ask(promote(generation))}>
            Promote
          </button>
          <button type="button" onClick={() => ask(withdraw(generation))}>
            Withdraw
          </button>
        </>
      }
    >
      <p>
        <span title={moment(since)}>Began {ago(since)}.</span> {waitsFor(canary, Date.now())}
      </p>
      <Arms canary={canary} />
      <ArmCharts api={api} canary={canary} />
    </Panel>
  );
}

interface Figure {
  readonly name: string;
  readonly of: (arm: ArmSummary) => number | null;
  readonly format: (value: number | null) => string;
}

const figures: readonly Figure[] = [
  { name: "Requests", of: ({ requests }) => requests, format: count },
  { name: "Errors", of: ({ errors }) => errors, format: count },
  { name: "Error rate", of: ({ error_rate }) => error_rate, format: percent },
  { name: "Refused", of: ({ refused }) => refused, format: count },
  { name: "Refusal rate", of: ({ refusal_rate }) => refusal_rate, format: percent },
  { name: "First token, p95", of: ({ p95_ttft_ms }) => p95_ttft_ms, format: duration },
  { name: "Cost", of: ({ cost_usd }) => cost_usd, format: usd },
  { name: "Cost of a request", of: ({ cost_per_request_usd }) => cost_per_request_usd, format: usd },
];

/** Both arms side by side; bars compare one figure of the two. */
function Arms({ canary: { arms } }: { readonly canary: Canary }) {
  const column = (name: string, arm: ArmSummary, ink: string): Column<Figure> => ({
    name,
    isFigure: true,
    cell: ({ of, format }) => {
      const most = Math.max(of(arms.stable) ?? 0, of(arms.canary) ?? 0);
      return (
        <>
          {format(of(arm))}
          <Stripe share={most === 0 ? 0 : (of(arm) ?? 0) / most} ink={ink} />
        </>
      );
    },
  });
  return (
    <Table
      label="Both arms in figures"
      columns={[
        { name: "Since it began", cell: ({ name }) => name },
        column("Stable", arms.stable, "stable"),
        column("Canary", arms.canary, "trial"),
      ]}
      rows={figures}
      keyOf={({ name }) => name}
      empty=""
    />
  );
}

/** A bar without a scale: the figure beside it says what it is. */
const Stripe = ({ share, ink }: { readonly share: number; readonly ink: string }) => (
  <svg class={`stripe ${ink}`} aria-hidden="true">
    <rect width={`${share * 100}%`} height="100%" rx="2" />
  </svg>
);

function ArmCharts({ api, canary: { since } }: { readonly api: Api; readonly canary: Canary }) {
  const arms = useAnswer<Trends>(api, pathOfArms(since), 10_000);
  const charts = useMemo(() => (arms.value === null ? [] : chartsOfArms(arms.value)), [arms.value]);
  return (
    <>
      <Problem text={arms.problem} />
      <div class="charts">
        {charts.map(({ title, drawing }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <Chart label={title} drawing={drawing} height={150} />
          </section>
        ))}
      </div>
    </>
  );
}
