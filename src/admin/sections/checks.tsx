import { useState } from "preact/hooks";
import { listedIn, requestsFor, saidOf } from "../checks/check.ts";
import { Chooser } from "../checks/chooser.tsx";
import { Results, Verdicts } from "../checks/results.tsx";
import { useCheck } from "../checks/use_check.ts";
import { Panel, Problem } from "../parts/panel.tsx";
import type { Board } from "../routes/board.ts";
import type { SectionProps } from "../section.ts";
import { useAnswer } from "../use_answer.ts";

/** One small real request to each target of the models chosen: who answers, and how fast. */
export function Checks({ api }: SectionProps) {
  const { value: board, problem } = useAnswer<Board>(api, "/admin/api/routes", 0);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const { check, start, stop } = useCheck(api);
  if (board === null) return <Problem text={problem} />;
  const models = chosen ?? listedIn(board);
  const requests = requestsFor(board, models);
  const isRunning = check?.state === "running";
  return (
    <>
      <Panel title="Check the health of models">
        <Chooser board={board} chosen={chosen} onChoice={setChosen} />
        <p class="caution">
          <strong>Real requests are sent, and may cost money:</strong> {wordsFor(requests, models.length)}{" "}
          Each asks for a few words. They count against limits, and for health and metrics like any other.
        </p>
        <div class="actions">
          <button
            type="button"
            class="main"
            disabled={isRunning || requests === 0}
            onClick={() => void start(chosen, requests)}
          >
            {requests === 1 ? "Send 1 request" : `Send ${requests} requests`}
          </button>
          {isRunning ? (
            <button type="button" onClick={stop}>
              Stop
            </button>
          ) : null}
        </div>
      </Panel>
      {check === null ? null : (
        <Panel title="Result">
          <progress aria-label="Targets asked" value={check.results.length} max={Math.max(1, check.of)} />
          <p class="far" role="status">
            {saidOf(check)}
          </p>
          <Problem text={check.problem} />
          {check.verdicts.length === 0 ? null : <Verdicts verdicts={check.verdicts} />}
          <h3>Targets</h3>
          <Results results={check.results} />
        </Panel>
      )}
    </>
  );
}

const wordsFor = (requests: number, models: number): string =>
  models === 0
    ? "choose a model first."
    : `one to each of the ${requests} targets behind ${models} ${models === 1 ? "model" : "models"}.`;
