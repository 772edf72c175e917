import type { Drift, Status } from "../../rollout/status.ts";
import type { Order } from "../parts/order.tsx";
import { Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { ago, moment } from "../words.ts";
import { Diagnostics } from "./diagnostics.tsx";
import { ending } from "./orders.ts";
import { short, stateWords } from "./words.ts";

/** What serves, what the source came to, and how following it goes. */
export function Standing({ status }: { readonly status: Status }) {
  const { active, boot } = status;
  return (
    <>
      <dl class="facts">
        <Fact name="Serves">
          {active === null ? (
            <Chip state="bad">nothing yet</Chip>
          ) : (
            <>
              <strong>Generation {active.generation}</strong>{" "}
              <Hex digest={active.digest} sha={active.git_sha} />
              <Since at={active.since} />
            </>
          )}
        </Fact>
        <Attempted status={status} />
        <Sync sync={status.sync} isGit={(active?.git_sha ?? status.attempted?.git_sha ?? null) !== null} />
        <Fact name="Started from">
          {boot.degraded === null ? (
            bootWords[boot.source]
          ) : (
            <>
              <Chip state="warn">degraded</Chip> {boot.degraded}
            </>
          )}
        </Fact>
      </dl>
      <Diagnostics
        diagnostics={status.attempted?.diagnostics ?? []}
        label="What was found in what the source says"
      />
    </>
  );
}

const bootWords = {
  source: "the source",
  last_known_good: "what served before the last start",
  pin: "the pinned generation",
} as const satisfies Readonly<Record<Status["boot"]["source"], string>>;

function Attempted({ status: { attempted } }: { readonly status: Status }) {
  if (attempted === null) return <Fact name="The source came to">nothing yet</Fact>;
  const { generation, state, stage, digest, git_sha, reason, at } = attempted;
  const { word, colour } = stateWords(state);
  return (
    <Fact name="The source came to">
      {generation === null ? null : <strong>Generation {generation} </strong>}
      <Chip state={colour}>{word}</Chip>
      {stage === word ? null : <span class="soft"> at stage {stage}</span>}{" "}
      {digest === null && git_sha === null ? null : <Hex digest={digest} sha={git_sha} />}
      {reason === null ? null : <span class="line">{reason}</span>}
      <Since at={at} />
    </Fact>
  );
}

const syncColours = { idle: "calm", ok: "good", failing: "bad", refused: "bad" } as const;

function Sync({
  sync: { state, reason, last_success },
  isGit,
}: {
  readonly sync: Status["sync"];
  readonly isGit: boolean;
}) {
  const idle = isGit ? "not looked at yet" : "a file, looked at as it is saved";
  return (
    <Fact name="Following the source">
      <Chip state={syncColours[state]}>{state === "idle" ? idle : state}</Chip>
      {reason === null ? null : <span class="line">{reason}</span>}
      {last_success === null ? (
        state === "idle" ? null : (
          <span class="line soft">no success yet</span>
        )
      ) : (
        <span class="line soft" title={moment(last_success)}>
          last success {ago(last_success)}
        </span>
      )}
    </Fact>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Hex = ({ digest, sha }: { readonly digest: string | null; readonly sha: string | null }) => (
  <span class="soft">
    {digest === null ? null : (
      <>
        digest <code title={digest}>{short(digest)}</code>
      </>
    )}
    {sha === null ? null : (
      <>
        {digest === null ? "" : ", "}commit <code title={sha}>{short(sha)}</code>
      </>
    )}
  </span>
);

const Since = ({ at }: { readonly at: string }) => (
  <span class="line soft" title={moment(at)}>
    since {moment(at)}, {ago(at)}
  </span>
);

const kinds = { disabled: "bad", pinned: "warn", suspended: "warn", quarantined: "bad" } as const;

const wordFor = (drift: Drift): string => (drift.kind === "quarantined" ? "Try again" : ending(drift).act);

/** Everything in which what serves differs from what the source says, each with what ends it. */
export const Differences = ({
  drift,
  ask,
}: {
  readonly drift: readonly Drift[];
  readonly ask: (order: Order) => void;
}) => (
  <Table
    label="Differences"
    rows={drift}
    keyOf={({ kind, what }) => `${kind} ${what}`}
    empty="Nothing: the source has the last word."
    columns={[
      { name: "How", cell: ({ kind }) => <Chip state={kinds[kind]}>{kind}</Chip> },
      { name: "What", cell: ({ what }) => what },
      { name: "Why", cell: ({ reason }) => <span class="words">{reason}</span> },
      {
        name: "Until",
        cell: ({ kind, until }) =>
          until !== null
            ? moment(until)
            : kind === "quarantined"
              ? "the source says something else"
              : "somebody ends it",
      },
      {
        name: "End it",
        cell: (each) => (
          <button
            type="button"
            aria-haspopup="dialog"
            aria-label={`${wordFor(each)} ${each.what}`}
            onClick={() => ask(ending(each))}
          >
            {wordFor(each)}
          </button>
        ),
      },
    ]}
  />
);
