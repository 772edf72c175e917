import type { ErrorsReport } from "../../metrics/errors.ts";
import { Panel } from "../parts/panel.tsx";
import { count } from "../words.ts";
import { ruleParts, type Wish } from "./wish.ts";

/** How many there are of each rule and provider; each chooses its own. */
export function Groups({
  report,
  onWish,
}: {
  readonly report: ErrorsReport;
  readonly onWish: (some: Partial<Wish>) => void;
}) {
  const rules = report.by_rule.map(({ code, rule, requests }) => {
    const [says, at] = rule === null ? [code ?? "no code", ""] : ruleParts(rule);
    return {
      ...{ says, more: rule === null ? "" : `${code} ${at}`, requests },
      chosen: { code: code ?? "", rule: rule ?? "" },
    };
  });
  const providers = report.by_provider.map(({ provider, requests }) => ({
    ...{ says: provider, more: "", requests, chosen: { provider } },
  }));
  return (
    <div class="groups">
      <Panel title="By rule and code">
        <Group rows={rules} empty="None." onWish={onWish} />
      </Panel>
      <Panel title="By provider that failed">
        <Group rows={providers} empty="No attempt failed." onWish={onWish} />
      </Panel>
    </div>
  );
}

interface Row {
  readonly says: string;
  /** In small letters. */
  readonly more: string;
  readonly requests: number;
  readonly chosen: Partial<Wish>;
}

function Group({
  rows,
  empty,
  onWish,
}: {
  readonly rows: readonly Row[];
  readonly empty: string;
  readonly onWish: (some: Partial<Wish>) => void;
}) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const most = Math.max(...rows.map(({ requests }) => requests));
  return (
    <ol class="group">
      {rows.slice(0, 12).map(({ says, more, requests, chosen }) => (
        <li key={`${says} ${more}`}>
          <button type="button" class="plain-link" onClick={() => onWish(chosen)}>
            {says}
          </button>
          <strong>{count(requests)}</strong>
          {more === "" ? null : <small>{more}</small>}
          <span class="share" style={{ width: `${(requests / most) * 100}%` }} />
        </li>
      ))}
    </ol>
  );
}
