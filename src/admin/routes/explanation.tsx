import { useEffect, useRef, useState } from "preact/hooks";
import type { Explanation as Answer } from "../../simulate/explain.ts";
import type { Api } from "../api.ts";
import { Panel, Problem } from "../parts/panel.tsx";
import { Chip } from "../parts/tile.tsx";
import { usd } from "../words.ts";
import { type Asking, bodyOf, saidOf } from "./asking.ts";
import type { Board } from "./board.ts";
import { Question } from "./question.tsx";

/** Why a request goes where it goes: the question, and the rules that speak one by one. */
export function Explanation({
  api,
  board,
  first,
  onClose,
}: {
  readonly api: Api;
  readonly board: Board;
  /** What is asked at once. */
  readonly first: Asking;
  readonly onClose: () => void;
}) {
  const [asking, setAsking] = useState(first);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const top = useRef<HTMLDivElement>(null);
  const leaving = useRef(new AbortController());
  const ask = async (question: Asking): Promise<void> => {
    leaving.current.abort();
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    const said = await api.post<Answer>("/admin/api/explain", bodyOf(question), signal);
    if (signal.aborted) return;
    setProblem(said.ok ? null : said.message);
    setAnswer(said.ok ? said.value : null);
  };
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useEffect(() => {
    setAsking(first);
    void ask(first);
    top.current?.focus({ preventScroll: true });
    top.current?.scrollIntoView({ block: "start" });
    return () => leaving.current.abort();
  }, [first]);
  return (
    <div ref={top} tabIndex={-1} class="explanation">
      <Panel
        title="Explain a request"
        actions={
          <button type="button" class="quiet" onClick={onClose}>
            Close
          </button>
        }
      >
        <p class="empty">
          As the gateway would decide at this moment. Nobody is called and nothing is counted.
        </p>
        <Question board={board} asking={asking} onChange={setAsking} onAsk={() => void ask(asking)} />
        <Problem text={problem} />
        {answer === null ? null : <Told answer={answer} />}
      </Panel>
    </div>
  );
}

function Told({ answer }: { readonly answer: Answer }) {
  const isServed = answer.provider !== null;
  const isFallback = answer.fallback_from !== null;
  return (
    <div aria-live="polite">
      <p class="told">
        <Chip state={isServed ? (isFallback ? "warn" : "good") : "bad"}>
          {isServed ? (isFallback ? "a fallback answers" : "answered") : "refused"}
        </Chip>{" "}
        <strong>{saidOf(answer)}</strong>
        {answer.cost_usd === null ? "" : ` It would cost ${usd(answer.cost_usd)}.`}
      </p>
      <ol class="steps">
        {answer.steps.map(({ text, file, line }) => (
          <li key={`${text} ${line}`}>
            <span>{text}</span>
            {file === null ? null : (
              <code title={file}>
                {file.split("/").at(-1)}:{line}
              </code>
            )}
          </li>
        ))}
      </ol>
      {answer.warnings.map((warning) => (
        <p key={warning} class="warning">
          Warning: {warning}
        </p>
      ))}
      {answer.sent === null ? null : (
        <details>
          <summary>What is sent to the provider</summary>
          <p>
            <code>POST {answer.sent.url}</code>
          </p>
          <pre class="scroll">{JSON.stringify(answer.sent.body, null, 2)}</pre>
        </details>
      )}
    </div>
  );
}
