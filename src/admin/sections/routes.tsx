import { useEffect, useMemo, useState } from "preact/hooks";
import { Panel, Problem } from "../parts/panel.tsx";
import { Circuits } from "../resets/circuits.tsx";
import { type Asking, plain } from "../routes/asking.ts";
import type { Board } from "../routes/board.ts";
import { Drawing } from "../routes/drawing.tsx";
import { Explanation } from "../routes/explanation.tsx";
import { Listing } from "../routes/listing.tsx";
import { Outages } from "../routes/outages.tsx";
import { shownOf, type Wish } from "../routes/shown.ts";
import type { SectionProps } from "../section.ts";
import { useAnswer } from "../use_answer.ts";

/** Where requests can go, how that is doing now, why one goes where it goes, and what if a provider is down. */
export function Routes({ api }: SectionProps) {
  const { value: board, problem, again } = useAnswer<Board>(api, "/admin/api/routes", 3_000);
  const [wish, setWish] = useState<Wish>({ text: "", troubled: false, all: false });
  const [isTable, setTable] = useState(() => innerWidth < 900);
  const [asking, ask] = useAsking();
  const shown = useMemo(() => (board === null ? null : shownOf(board, wish)), [board, wish]);
  if (board === null || shown === null) return <Problem text={problem} />;
  const onModel = (name: string): void => ask(plain(name));
  return (
    <>
      <Problem text={problem} />
      <Panel
        title="Routes"
        actions={<Filter wish={wish} onWish={setWish} isTable={isTable} onTable={setTable} />}
      >
        {board.models.length === 0 ? (
          <p class="empty">The file has no models. Name one below models, with its targets.</p>
        ) : isTable ? (
          <Listing board={board} shown={shown} onModel={onModel} />
        ) : (
          <Drawing board={board} shown={shown} onModel={onModel} />
        )}
        <p class="footing">
          {shown.models.length} of {board.models.length} models. Press one to explain a request for it.{" "}
          {isTable ? null : <>{howToRead} </>}
          {shown.more === 0 ? null : (
            <button type="button" onClick={() => setWish({ ...wish, all: true })}>
              Show {shown.more} more
            </button>
          )}
        </p>
      </Panel>
      {asking === null ? null : (
        <Explanation api={api} board={board} first={asking} onClose={() => ask(null)} />
      )}
      <Circuits api={api} endpoints={board.endpoints} again={again} />
      <Outages
        key={board.digest}
        api={api}
        models={shown.models.map(({ name }) => name)}
        isWhole={shown.models.length === board.models.length && board.models.length <= 200}
        onCell={(model, provider) => ask({ ...plain(model), failing: [{ provider, kind: "server" }] })}
      />
    </>
  );
}

const howToRead =
  "Numbers at the lines are the order in which targets are tried, percentages their share of the traffic; " +
  "arrows lead to fallbacks: on any failure, when the prompt is too long (context), when it is refused (content).";

function Filter({
  wish,
  onWish,
  isTable,
  onTable,
}: {
  readonly wish: Wish;
  readonly onWish: (wish: Wish) => void;
  readonly isTable: boolean;
  readonly onTable: (isTable: boolean) => void;
}) {
  return (
    <>
      <input
        type="search"
        aria-label="Filter by name or provider"
        placeholder="Name or provider"
        value={wish.text}
        onInput={({ currentTarget }) => onWish({ ...wish, text: currentTarget.value })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={wish.troubled}
          onChange={({ currentTarget }) => onWish({ ...wish, troubled: currentTarget.checked })}
        />
        Only in trouble
      </label>
      <button type="button" onClick={() => onTable(!isTable)}>
        {isTable ? "As a graph" : "As a table"}
      </button>
    </>
  );
}

/** What is explained; the address names its model, so that it can be sent to somebody. */
function useAsking(): readonly [Asking | null, (asking: Asking | null) => void] {
  const [asking, setAsking] = useState<Asking | null>(() => {
    const model = new URLSearchParams(location.hash.split("/")[1] ?? "").get("model");
    return model === null ? null : plain(model);
  });
  useEffect(() => {
    const at = asking === null ? "" : `/${new URLSearchParams({ model: asking.model })}`;
    history.replaceState(null, "", `#routes${at}`);
  }, [asking]);
  return [asking, setAsking];
}
