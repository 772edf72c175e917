import { useState } from "preact/hooks";
import type { AttemptEntry, ErrorEntry } from "../../metrics/error_entry.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { count, duration, moment, unknown, usd } from "../words.ts";
import { placeOf, ruleParts } from "./wish.ts";

/** Everything about one request that failed: its ids, and each attempt with its place in time. */
export function Attempts({ entry }: { readonly entry: ErrorEntry }) {
  const { attempts, duration_ms } = entry;
  const columns: readonly Column<AttemptEntry>[] = [
    { name: "Attempt", cell: ({ provider, upstream }) => `${provider}/${upstream}` },
    { name: "As", cell: ({ served_model }) => served_model },
    {
      name: "Outcome",
      cell: ({ outcome }) => (
        <Chip state={outcome === "ok" ? "good" : "bad"}>{outcome.replaceAll("_", " ")}</Chip>
      ),
    },
    { name: "Status", isFigure: true, cell: ({ status }) => status ?? unknown },
    { name: "Began after", isFigure: true, cell: ({ start_ms }) => duration(start_ms) },
    { name: "Took", isFigure: true, cell: ({ duration_ms: took }) => duration(took) },
    { name: "Tokens", isFigure: true, cell: ({ tokens }) => count(tokens.total) },
    { name: "Cost", isFigure: true, cell: ({ cost_usd }) => usd(cost_usd) },
    { name: "In time", cell: (attempt) => <Place attempt={attempt} totalMs={duration_ms} /> },
  ];
  return (
    <div class="detail">
      <Facts entry={entry} />
      <Table
        label="Attempts"
        columns={columns}
        rows={attempts}
        keyOf={({ start_ms, provider }) => `${start_ms} ${provider}`}
        empty="No attempt was made: nobody was called."
      />
      <p class="empty">
        The logs have more, where the file keeps them:{" "}
        <code>bun run src/index.ts logs grep {entry.request_id}</code>
      </p>
    </div>
  );
}

function Place({ attempt, totalMs }: { readonly attempt: AttemptEntry; readonly totalMs: number }) {
  const { left, width } = placeOf(attempt, totalMs);
  return (
    <span class="place">
      <span
        class={attempt.outcome === "ok" ? "good" : "bad"}
        style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
      />
    </span>
  );
}

function Facts({ entry }: { readonly entry: ErrorEntry }) {
  const { request_id, at, code, rule, generation, arm, endpoint, stream, team, labels, overhead_ms } = entry;
  const said: readonly (readonly [string, string])[] = [
    ["At", moment(at)],
    ["Code", code ?? unknown],
    ["Rule", rule === null ? unknown : ruleParts(rule).join(" at ")],
    ["Generation", `${generation}${arm === "canary" ? ", canary" : ""}`],
    ["Endpoint", `${endpoint}${stream ? ", streamed" : ""}`],
    ["Team", team ?? unknown],
    [
      "Labels",
      Object.entries(labels)
        .map((pair) => pair.join("="))
        .join(", ") || unknown,
    ],
    ["Gateway itself", duration(overhead_ms)],
    ["Warnings", entry.warnings.join("; ") || unknown],
  ];
  return (
    <dl class="about">
      <div>
        <dt>Request</dt>
        <dd>
          <code>{request_id}</code> <Copy text={request_id} />
        </dd>
      </div>
      {said
        .filter(([, text]) => text !== unknown)
        .map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Browsers give pages the clipboard on secure addresses and on this machine only; elsewhere the text can be selected. */
function Copy({ text }: { readonly text: string }) {
  const [isDone, setDone] = useState(false);
  if (!isSecureContext) return null;
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setDone(true));
  return (
    <button type="button" class="mini" aria-label="Copy the id of the request" onClick={copy}>
      {isDone ? "Copied" : "Copy"}
    </button>
  );
}
