import type { Model, Snapshot } from "../../domain/snapshot.ts";
import type { Outage } from "../../simulate/outage.ts";
import { type Paint, printable } from "../shell.ts";
import { table } from "../table.ts";

/** One model: who answers while all is well, and while each provider is down. */
export interface Row {
  readonly model: string;
  readonly cells: readonly Outage[];
}

/** The cells by model, in their order. */
export function rowsOf(outages: readonly Outage[]): readonly Row[] {
  const names = [...new Set(outages.map(({ model }) => model))];
  return names.map((model) => ({ model, cells: outages.filter((cell) => cell.model === model) }));
}

/** The matrix for people: who answers and after how many attempts; ✗ where nobody does. */
export function printMatrix(rows: readonly Row[], snapshot: Snapshot, paint: Paint): string {
  const [first] = rows;
  const heading = [
    "MODEL",
    ...(first?.cells ?? []).map(({ outage }) => (outage === null ? "ALL WELL" : `${outage} down`)),
  ];
  const lines = rows.map((row) => [
    paint("bold", printable(row.model)),
    ...row.cells.map((cell) => shown(cell, row, paint)),
  ]);
  const dead = rows.flatMap(deadOf);
  const told = dead.slice(0, mostTold).map((cell) => deadLine(cell, snapshot, paint));
  const more = dead.length - told.length;
  return [
    table(heading, lines, paint),
    dead.length === 0
      ? paint("green", "Every model has an answer, whichever provider is down.")
      : [...told, ...(more === 0 ? [] : [paint("dim", `and ${more} more; --json has all`)])].join("\n"),
  ].join("\n\n");
}

/** So many outages without an answer are told in words. */
const mostTold = 20;

/** Where a model has no answer; one that never has any is told once. */
function deadOf({ cells }: Row): readonly Outage[] {
  const dead = cells.filter(({ answer }) => answer === null);
  return dead.some(({ outage }) => outage === null) ? dead.slice(0, 1) : dead;
}

function shown({ answer, outage }: Outage, { model, cells }: Row, paint: Paint): string {
  if (answer === null) return paint("red", "✗");
  const text = `${answer.provider} ${answer.attempts}${answer.served === model ? "" : ` as ${answer.served}`}`;
  const well = cells[0]?.answer;
  const isSame = outage !== null && well?.provider === answer.provider && well.attempts === answer.attempts;
  return isSame ? paint("dim", text) : text;
}

function deadLine({ model, outage, refusal }: Outage, snapshot: Snapshot, paint: Paint): string {
  const when = outage === null ? "even while all is well" : `while ${outage} is down`;
  const at = modelOf(snapshot, model)?.at;
  const place = at === undefined ? "" : paint("dim", `  ${at.file}:${at.line}:${at.column}`);
  return (
    `${paint("red", "✗")} ${printable(model)} has no answer ${when}: ${refusal?.status ?? ""} ${refusal?.code ?? ""}`.trimEnd() +
    place
  );
}

const modelOf = ({ models, patterns }: Snapshot, name: string): Model | undefined =>
  models.get(name) ?? patterns.find((pattern) => pattern.name === name);

/** The matrix as JSON. */
export const matrixJson = (rows: readonly Row[], snapshot: Snapshot) => ({
  ok: rows.every(({ cells }) => cells.every(({ answer }) => answer !== null)),
  models: rows.map(({ model, cells }) => {
    const at = modelOf(snapshot, model)?.at;
    return {
      model,
      file: at?.file ?? null,
      line: at?.line ?? null,
      outages: cells.map(({ outage, answer, refusal }) => ({
        outage,
        status: refusal?.status ?? 200,
        code: refusal?.code ?? null,
        provider: answer?.provider ?? null,
        model: answer?.served ?? null,
        upstream: answer?.upstream ?? null,
        attempts: answer?.attempts ?? null,
      })),
    };
  }),
});
