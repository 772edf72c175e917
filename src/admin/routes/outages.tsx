import type { ComponentChildren } from "preact";
import type { Api } from "../api.ts";
import { Panel, Problem } from "../parts/panel.tsx";
import { useAnswer } from "../use_answer.ts";
import { type Cell, type Matrix, matrixOf, signOf } from "./matrix.ts";

/** Who answers for each model while one provider is down, or that nobody does and why. */
export function Outages({
  api,
  models,
  isWhole,
  onCell,
}: {
  readonly api: Api;
  /** Those that are looked at. */
  readonly models: readonly string[];
  /** Whether they are all of the file, so that they need not be named. */
  readonly isWhole: boolean;
  /** Somebody wants to know how it comes. */
  readonly onCell: (model: string, provider: string) => void;
}) {
  const query = new URLSearchParams(isWhole ? [] : models.slice(0, 200).map((model) => ["model", model]));
  const { value, problem } = useAnswer<Matrix>(api, `/admin/api/outages?${query}`, 0);
  return (
    <Panel title="What if a provider is down">
      <p class="empty">
        As the file decides, whatever happens now: each cell is one request while every attempt at one
        provider fails. A cell that says something opens its explanation.
      </p>
      <Problem text={problem} />
      {value === null ? null : <Cells matrix={value} onCell={onCell} />}
    </Panel>
  );
}

function Cells({
  matrix,
  onCell,
}: {
  readonly matrix: Matrix;
  readonly onCell: (model: string, provider: string) => void;
}) {
  const rows = matrixOf(matrix);
  if (rows.length === 0) return <p class="empty">No model can be asked for.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Matrix of outages">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">all is well</th>
            {matrix.providers.map((provider) => (
              <th key={provider} scope="col">
                {provider} down
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ model, well, cells }) => (
            <tr key={model}>
              <th scope="row">{model}</th>
              <td>
                <Said cell={well} well={null} />
              </td>
              {cells.map((cell) => (
                <td key={cell.outage}>
                  <Pressed cell={cell} well={well} onCell={onCell}>
                    <Said cell={cell} well={well} />
                  </Pressed>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Said({ cell, well }: { readonly cell: Cell; readonly well: Cell | null }) {
  const { state, sign, says, more } = signOf(cell, well);
  return (
    <span class={`cell ${state}`} title={cell.refusal?.message}>
      <span aria-hidden="true">{sign}</span> {says}
      {more === "" ? null : <small>{more}</small>}
    </span>
  );
}

/** What an outage does not touch needs no explanation. */
function Pressed({
  cell,
  well,
  onCell,
  children,
}: {
  readonly cell: Cell;
  readonly well: Cell;
  readonly onCell: (model: string, provider: string) => void;
  readonly children: ComponentChildren;
}) {
  const { outage } = cell;
  if (outage === null || signOf(cell, well).state === "calm") return <>{children}</>;
  return (
    <button type="button" class="plain-link" onClick={() => onCell(cell.model, outage)}>
      {children}
    </button>
  );
}
