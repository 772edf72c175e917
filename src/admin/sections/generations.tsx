import { useEffect, useState } from "preact/hooks";
import type { HistoryEntry } from "../../rollout/history.ts";
import type { Status } from "../../rollout/status.ts";
import { addressOf, pairOf, type View, viewIn } from "../generations/address.ts";
import { AuditPanel } from "../generations/audit.tsx";
import { CanaryPanel } from "../generations/canary.tsx";
import { ComparedPanel } from "../generations/compared.tsx";
import { DetailPanel } from "../generations/detail_panel.tsx";
import { HistoryTable } from "../generations/history_table.tsx";
import { OrderBar } from "../generations/order_bar.tsx";
import { Differences, Standing } from "../generations/standing.tsx";
import { TimelineView } from "../generations/timeline_view.tsx";
import type { Audited } from "../generations/told.ts";
import { useOrders } from "../parts/order.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import type { SectionProps } from "../section.ts";
import { useAnswer } from "../use_answer.ts";

/** Which configuration serves, how it came to, what would serve next, and what people do about it. */
export function Generations({ api }: SectionProps) {
  const status = useAnswer<Status>(api, "/admin/api/status", 2_000);
  const history = useAnswer<{ readonly generations: readonly HistoryEntry[] }>(
    api,
    "/admin/api/history?limit=200",
    5_000,
  );
  const audit = useAnswer<{ readonly entries: readonly Audited[] }>(
    api,
    "/admin/api/audit?limit=200",
    10_000,
  );
  const again = (): void => {
    for (const each of [status, history, audit]) each.again();
  };
  const { ask, dialog } = useOrders(api, again);
  const [view, setView] = useView();
  const entries = history.value?.generations ?? [];
  const active = status.value?.active?.generation ?? null;
  const before = entries.find(({ generation, digest }) => digest !== null && generation < (view.open ?? 0));
  const pair = pairOf(view.chosen);
  const canary = status.value?.canary ?? null;
  return (
    <>
      <Problem text={status.problem ?? history.problem} />
      <Panel
        title="How things stand"
        actions={<OrderBar api={api} status={status.value} entries={entries} ask={ask} />}
      >
        {status.value === null ? <p class="empty">Loading …</p> : <Standing status={status.value} />}
      </Panel>
      <Panel title="Where what serves differs from what the source says">
        <Differences drift={status.value?.drift ?? []} ask={ask} />
      </Panel>
      {canary === null ? null : <CanaryPanel api={api} canary={canary} ask={ask} />}
      <Panel title="Generations" actions={<span class="soft">Tick any two to compare them.</span>}>
        <TimelineView entries={entries} view={view} onView={setView} now={Date.now()} />
        <HistoryTable entries={entries} view={view} onView={setView} />
      </Panel>
      {view.open === null ? null : (
        <DetailPanel
          api={api}
          number={view.open}
          active={active}
          before={before?.generation ?? null}
          view={view}
          onView={setView}
          ask={ask}
        />
      )}
      {pair === null ? null : (
        <ComparedPanel api={api} pair={pair} onClose={() => setView({ ...view, chosen: [] })} />
      )}
      <AuditPanel audit={audit} />
      {dialog}
    </>
  );
}

/** What is looked at, as the address has it. */
function useView(): readonly [View, (view: View) => void] {
  const inAddress = () => viewIn(location.hash.split("?")[1] ?? "");
  const [view, setView] = useState(inAddress);
  useEffect(() => {
    const look = () => setView(inAddress());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const show = (next: View): void => {
    history.replaceState(null, "", addressOf(next));
    setView(next);
  };
  return [view, show];
}
