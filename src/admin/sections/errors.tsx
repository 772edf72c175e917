import { useEffect, useState } from "preact/hooks";
import type { ErrorsReport } from "../../metrics/errors.ts";
import type { Api } from "../api.ts";
import { Filters } from "../errors/filters.tsx";
import { Groups } from "../errors/groups.tsx";
import { List } from "../errors/list.tsx";
import { everything, pathOf, type Wish, withOlder } from "../errors/wish.ts";
import { Panel, Problem } from "../parts/panel.tsx";
import type { Board } from "../routes/board.ts";
import type { SectionProps } from "../section.ts";
import { useAnswer } from "../use_answer.ts";
import { count, moment } from "../words.ts";

/** The latest failed and refused requests, by whatever they have in common, and each with its attempts. */
export function Errors({ api }: SectionProps) {
  const [wish, setWish] = useState<Wish>(everything);
  const board = useAnswer<Board>(api, "/admin/api/routes", 0);
  const { report, problem, more } = useErrors(api, wish);
  return (
    <>
      <Panel title="Errors">
        <Filters board={board.value} wish={wish} onWish={setWish} />
        <Problem text={problem} />
        {report === null ? null : <p class="empty">{saidOf(report)}</p>}
      </Panel>
      {report === null ? null : (
        <div class="beside">
          <Panel title="Latest">
            {report.errors.length === 0 ? (
              <p class="empty">Nothing failed and nothing was refused, as far as was looked.</p>
            ) : (
              <List errors={report.errors} />
            )}
            {report.next === null ? null : (
              <p class="footing">
                <button type="button" onClick={more}>
                  {report.errors.length === 0 ? "Look further back" : "Show older ones"}
                </button>
              </p>
            )}
          </Panel>
          <Groups report={report} onWish={(some) => setWish({ ...wish, ...some })} />
        </div>
      )}
    </>
  );
}

const saidOf = ({ found, errors, from, complete, looked_back_to }: ErrorsReport): string => {
  const all = `${count(found)} found, ${count(errors.length)} shown`;
  return complete
    ? `${all}; everything since ${moment(from)} was looked at.`
    : `${all}; looked back to ${moment(looked_back_to)}, which is as far as is looked at once.`;
};

/** What fits the wish, asked anew every 10 s until somebody looks at older ones. */
function useErrors(api: Api, wish: Wish) {
  const [older, setOlder] = useState<readonly ErrorsReport[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const path = pathOf(wish, null);
  const { value, problem } = useAnswer<ErrorsReport>(api, path, older.length === 0 ? 10_000 : 0);
  useEffect(() => {
    setOlder([]);
    setTrouble(null);
  }, [path]);
  const report = value === null ? null : withOlder(value, older);
  const more = async (): Promise<void> => {
    const said = await api.get<ErrorsReport>(pathOf(wish, report?.next ?? null));
    setTrouble(said.ok ? null : said.message);
    if (said.ok) setOlder([...older, said.value]);
  };
  return { report, problem: problem ?? trouble, more: () => void more() };
}
