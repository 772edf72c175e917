import { useState } from "preact/hooks";
import type { Api } from "../api.ts";
import { Problem } from "../parts/panel.tsx";
import { Report } from "./replay_report.tsx";
import { changedFiles, type Texts } from "./texts.ts";
import { useReplay } from "./use_replay.ts";

/** How much of the recorded traffic can be chosen. */
const spans = [
  ["1h", "the last hour"],
  ["24h", "the last 24 hours"],
  ["7d", "the last 7 days"],
] as const;

/** Recorded traffic under what serves and under the edit. */
export function ReplayView({
  api,
  texts,
  compiles,
}: {
  readonly api: Api;
  readonly texts: Texts;
  readonly compiles: boolean;
}) {
  const [since, setSince] = useState("24h");
  const { replay, start, stop } = useReplay(api);
  const isRunning = replay.kind === "running";
  return (
    <>
      <p class="soft">
        What was recorded runs through both configurations, on a clock of its own: no provider is called.
      </p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void start(texts, since);
        }}
      >
        <label>
          Traffic of{" "}
          <select
            value={since}
            disabled={isRunning}
            onChange={(event) => setSince(event.currentTarget.value)}
          >
            {spans.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {isRunning ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="submit" disabled={!compiles}>
            Replay
          </button>
        )}
      </form>
      {compiles ? null : <p class="soft">A replay needs an edit without errors.</p>}
      {isRunning ? <Progress share={replay.share} /> : null}
      <Problem text={replay.kind === "failed" ? replay.why : null} />
      <div aria-live="polite">
        {replay.kind !== "done" ? null : (
          <>
            {changedFiles(replay.about, texts).length === 0 ? null : (
              <p class="aside">The edit has changed since this replay; run it again.</p>
            )}
            <Report {...replay.replayed} />
          </>
        )}
      </div>
    </>
  );
}

function Progress({ share }: { readonly share: number | null }) {
  return (
    <p class="row">
      <progress aria-label="Replay" max={1} {...(share === null ? {} : { value: share })} />
      <span class="figure">{share === null ? "reading" : `${Math.round(share * 100)} %`}</span>
    </p>
  );
}
