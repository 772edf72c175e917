import { useEffect, useRef } from "preact/hooks";
import type { Api } from "../api.ts";
import type { Order } from "../parts/order.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { useAnswer } from "../use_answer.ts";
import { moment, unknown } from "../words.ts";
import type { View } from "./address.ts";
import { Diagnostics } from "./diagnostics.tsx";
import { pin, rollbackTo } from "./orders.ts";
import { Source } from "./source.tsx";
import type { Detail } from "./told.ts";
import { short, stateWords } from "./words.ts";

interface Opened {
  readonly number: number;
  /** The generation that serves, and the last one before this that compiled. */
  readonly active: number | null;
  readonly before: number | null;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly ask: (order: Order) => void;
}

/** One generation: its steps, what was found in it, its texts, and what can be done with it. */
export function DetailPanel({ api, ...opened }: Opened & { readonly api: Api }) {
  const { number } = opened;
  const top = useRef<HTMLDivElement>(null);
  const { value, problem } = useAnswer<Detail>(api, `/admin/api/generations/${number}`, 10_000);
  // What was told of the one before stays until this one is told of.
  const told = value?.generation === number ? value : null;
  useEffect(() => {
    top.current?.scrollIntoView({ block: "start" });
    top.current?.focus({ preventScroll: true });
  }, [number]);
  return (
    <div ref={top} tabIndex={-1} class="opened">
      <Panel
        title={`Generation ${number}`}
        actions={<Actions {...opened} isWhole={told !== null && told.digest !== null} />}
      >
        <Problem text={problem} />
        {told === null ? problem === null ? <p class="empty">Loading …</p> : null : <Told detail={told} />}
      </Panel>
    </div>
  );
}

/** `isWhole`: it compiled, so that its texts are kept and it may serve. */
function Actions({
  number,
  active,
  before,
  view,
  onView,
  ask,
  isWhole,
}: Opened & { readonly isWhole: boolean }) {
  const compare = (other: number) => () => onView({ ...view, chosen: [other, number] });
  const close = (): void => {
    document.querySelector<HTMLElement>('td a[aria-current="true"]')?.focus();
    onView({ ...view, open: null });
  };
  return (
    <>
      {!isWhole || active === null || active === number ? null : (
        <button type="button" onClick={compare(active)}>
          Compare with {active}, which serves
        </button>
      )}
      {!isWhole || before === null || before === active ? null : (
        <button type="button" onClick={compare(before)}>
          Compare with {before}, the one before
        </button>
      )}
      {!isWhole || active === number ? null : (
        <button type="button" aria-haspopup="dialog" onClick={() => ask(rollbackTo(number))}>
          Roll back to it
        </button>
      )}
      {!isWhole ? null : (
        <button type="button" aria-haspopup="dialog" onClick={() => ask(pin(number))}>
          Pin it
        </button>
      )}
      <button type="button" class="quiet" onClick={close}>
        Close
      </button>
    </>
  );
}

function Told({ detail }: { readonly detail: Detail }) {
  const { state, reason, steps, diagnostics, files, tests } = detail;
  const { word, colour } = stateWords(state);
  return (
    <>
      <p>
        <Chip state={colour}>{word}</Chip> {reason}
      </p>
      <p class="soft">{whence(detail)}</p>
      <h3>Steps</h3>
      <Table
        label="Steps"
        columns={[
          { name: "Step", cell: ({ stage }) => stage },
          { name: "At", cell: ({ at }) => moment(at) },
          { name: "Note", cell: ({ note }) => <span class="words">{note ?? unknown}</span> },
        ]}
        rows={steps}
        keyOf={({ stage, at }) => `${at} ${stage}`}
        empty="No steps are kept of it."
      />
      {diagnostics.length === 0 ? null : <h3>Found in it</h3>}
      <Diagnostics diagnostics={diagnostics} label="Found in it" />
      <h3>Texts</h3>
      {files.length === 0 && tests === null ? (
        <p class="empty">None are kept of what was refused before it compiled.</p>
      ) : (
        [...files, ...(tests === null ? [] : [tests])].map(({ name, text }) => (
          <Source key={name} name={name} text={text} />
        ))
      )}
    </>
  );
}

function whence({ source, path, repo, ref, git_sha, digest, author, signer }: Detail): string {
  const parts = [
    source === "git" ? `${repo} ${ref} ${git_sha === null ? "" : short(git_sha)}` : (path ?? "a file"),
    digest === null ? "" : `digest ${short(digest)}`,
    author === null ? "" : `by ${author}`,
    signer === null ? "" : `signed by ${signer}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
