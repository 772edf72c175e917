import type { ComponentChildren } from "preact";
import { type Change, type Risk, risks } from "../../config/diff/change.ts";
import type { Position } from "../../domain/position.ts";
import { byRisk } from "../../simulate/plan/sections.ts";
import { flow, placeOf, signOf } from "../../simulate/plan/words.ts";
import { Chip } from "./tile.tsx";

const states = {
  BREAKING: "bad",
  SECRET: "bad",
  ACCESS: "bad",
  ROUTE: "warn",
  CAPACITY: "warn",
  COST: "warn",
  SAFE: "good",
} as const satisfies Readonly<Record<Risk, string>>;

/** What is not the same in two configurations, by its risk, the worst first. `placed` draws a place of the newer one. */
export const Changes = ({
  changes,
  placed,
}: {
  readonly changes: readonly Change[];
  readonly placed: (at: Position) => ComponentChildren;
}) => (
  <>
    {byRisk(changes).map(([risk, its]) => (
      <section key={risk} class="risk" aria-label={risk}>
        <h3>
          <Chip state={states[risk]}>{risk}</Chip> <span class="soft">{risks[risk]}</span>
        </h3>
        <ul>
          {its.map((change) => (
            <ChangeLine key={change.path} change={change} placed={placed} />
          ))}
        </ul>
      </section>
    ))}
  </>
);

const signs = { "+": "added", "-": "removed", "~": "changed" } as const;

function ChangeLine({
  change,
  placed,
}: {
  readonly change: Change;
  readonly placed: (at: Position) => ComponentChildren;
}) {
  const sign = signOf(change);
  const { side, at } = placeOf(change);
  return (
    <li>
      <span class="sign" title={signs[sign]} aria-hidden="true">
        {sign === "-" ? "−" : sign}
      </span>
      <span class="unseen">{signs[sign]} </span>
      <code>{change.path}</code>{" "}
      {side === "head" ? placed(at) : <span class="soft">was at {placeText(at)}</span>}
      {/* Of what is there or not, and says nothing else, the name alone is enough. */}
      <p class="turn" hidden={[change.from, change.to].every(isEmpty)}>
        {change.from === null ? null : <del>{flow(change.from)}</del>}
        {sign === "~" ? " → " : null}
        {change.to === null ? null : <ins>{flow(change.to)}</ins>}
      </p>
    </li>
  );
}

const isEmpty = (value: Change["from"]): boolean => value === null || flow(value) === "{}";

/** `routes.yaml:12`; of a whole path only the file's name. */
export const placeText = ({ file, line }: Pick<Position, "file" | "line">): string =>
  `${file.startsWith("/") ? file.replace(/^.*\//, "") : file}:${line}`;
