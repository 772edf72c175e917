import { useMemo, useState } from "preact/hooks";
import type { Api } from "../api.ts";
import { Chart } from "../parts/chart.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import { Tile } from "../parts/tile.tsx";
import type { SectionProps } from "../section.ts";
import type { Trends as Answer, Point } from "../tally.ts";
import { Controls } from "../trends/controls.tsx";
import { drawingsOf } from "../trends/drawings.ts";
import { addressOf, pathOf, type View, viewIn } from "../trends/view.ts";
import { useAnswer } from "../use_answer.ts";
import { count, percent, usd } from "../words.ts";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What the traffic did: over any time, chosen, grouped and compared. */
export function Trends({ api }: SectionProps) {
  const [view, setView] = useState(() => viewIn(location.hash.split("?")[1] ?? ""));
  const show = (next: View): void => {
    const query = addressOf(next);
    history.replaceState(null, "", `#trends${query === "" ? "" : `?${query}`}`);
    setView(next);
  };
  const nowS = useMemo(() => Math.floor(Date.now() / 1_000), [view]);
  const shown = useAnswer<Answer>(api, pathOf(view, "this", zone, nowS), view.zoom === null ? 30_000 : 0);
  const names = useNames(api);
  return (
    <>
      <Panel title="What is shown">
        <Controls view={view} onView={show} names={names} />
      </Panel>
      <Problem text={shown.problem} />
      {shown.value === null ? (
        <p>Loading …</p>
      ) : view.isCompared ? (
        <Compared
          api={api}
          path={pathOf(view, "before", zone, nowS)}
          trends={shown.value}
          view={view}
          onView={show}
        />
      ) : (
        <Charts trends={shown.value} before={null} view={view} onView={show} />
      )}
    </>
  );
}

interface Shown {
  readonly trends: Answer;
  readonly view: View;
  readonly onView: (view: View) => void;
}

function Compared({ api, path, ...shown }: Shown & { readonly api: Api; readonly path: string }) {
  const before = useAnswer<Answer>(api, path, 0);
  return (
    <>
      <Problem text={before.problem} />
      <Charts {...shown} before={before.value} />
    </>
  );
}

function Charts({ trends, before, view, onView }: Shown & { readonly before: Answer | null }) {
  const drawn = useMemo(() => drawingsOf(trends, before), [trends, before]);
  return (
    <>
      <Sums points={trends.points} before={before?.points ?? null} />
      <div class="charts">
        {drawn.map(({ title, drawing }) => (
          <Panel key={title} title={title}>
            <Chart
              label={title}
              drawing={drawing}
              onZoom={(from, to) => onView({ ...view, zoom: { from, to } })}
            />
          </Panel>
        ))}
      </div>
    </>
  );
}

/** What the whole stretch comes to, and how that compares. */
function Sums({
  points,
  before,
}: {
  readonly points: readonly Point[];
  readonly before: readonly Point[] | null;
}) {
  const [now, then] = [sumsOf(points), before === null ? null : sumsOf(before)];
  const change = (is: number, was: number | undefined) =>
    was === undefined || was === 0
      ? undefined
      : `${is >= was ? "+" : "−"}${percent(Math.abs(is / was - 1))} to before`;
  return (
    <div class="tiles">
      <Tile name="Requests" figure={count(now.requests)} unit={change(now.requests, then?.requests)} />
      <Tile name="Errors" figure={count(now.errors)} unit={change(now.errors, then?.errors)} />
      <Tile name="Refused" figure={count(now.refused)} unit={change(now.refused, then?.refused)} />
      <Tile name="Tokens" figure={count(now.tokens)} unit={change(now.tokens, then?.tokens)} />
      <Tile name="Cost" figure={usd(now.cost)} unit={change(now.cost, then?.cost)} />
      <Tile name="Without a price" figure={count(now.unpriced)} unit="requests" />
    </div>
  );
}

function sumsOf(points: readonly Point[]) {
  const sum = (of: (point: Point) => number | null) =>
    points.reduce((all, point) => all + (of(point) ?? 0), 0);
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    refused: sum(({ refused }) => refused),
    tokens: sum(({ tokens }) => tokens.total),
    cost: sum(({ cost_usd }) => cost_usd),
    unpriced: sum(({ unpriced }) => unpriced),
  };
}

/** Names that filters offer: those of the file. */
function useNames(api: Api): Readonly<Record<string, readonly string[]>> {
  const graph = useAnswer<{
    readonly models: readonly { readonly name: string }[];
    readonly providers: readonly { readonly provider: string }[];
  }>(api, "/admin/api/routes", 0);
  return {
    model: graph.value?.models.map(({ name }) => name) ?? [],
    provider: graph.value?.providers.map(({ provider }) => provider) ?? [],
    outcome: ["ok", "error", "refused", "cancelled"],
  };
}
