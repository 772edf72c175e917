import type { Snapshot } from "../../domain/snapshot.ts";
import { type Outage, outages } from "../outage.ts";

/** Who answers for a model, as provider/model, while no provider, `(none)`, or one provider is down; null: nobody does. */
export type Matrix = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** One cell that is not the same; undefined where clients cannot ask for the model. */
export interface ResilienceChange {
  readonly model: string;
  /** The provider that is down; null: none. */
  readonly outage: string | null;
  readonly before?: string | null;
  readonly after?: string | null;
}

/** How two configurations stand outages. */
export interface Resilience {
  readonly before: Matrix;
  readonly after: Matrix;
  readonly changes: readonly ResilienceChange[];
}

/** Both matrices, and the cells in which they differ. */
export async function resilienceOf(base: Snapshot, head: Snapshot): Promise<Resilience> {
  const before = await outages(base);
  const after = base.digest === head.digest ? before : await outages(head);
  return { before: matrixOf(before), after: matrixOf(after), changes: changesOf(before, after) };
}

const answerOf = ({ answer }: Outage): string | null =>
  answer === null ? null : `${answer.provider}/${answer.upstream}`;

function matrixOf(cells: readonly Outage[]): Matrix {
  const rows = new Map<string, [string, string | null][]>();
  for (const cell of cells) {
    const row = rows.get(cell.model) ?? [];
    rows.set(cell.model, row);
    row.push([cell.outage ?? "(none)", answerOf(cell)]);
  }
  return Object.fromEntries([...rows].map(([model, row]) => [model, Object.fromEntries(row)]));
}

function changesOf(before: readonly Outage[], after: readonly Outage[]): readonly ResilienceChange[] {
  const [was, is] = [before, after].map(answersIn);
  const cells = new Map([...before, ...after].map((cell) => [keyOf(cell), cell]));
  return [...cells.values()].flatMap(({ model, outage }) => {
    const [one, other] = [was?.(model, outage), is?.(model, outage)];
    if (one === other) return [];
    return [
      {
        model,
        outage,
        ...(one === undefined ? {} : { before: one }),
        ...(other === undefined ? {} : { after: other }),
      },
    ];
  });
}

/** Who answers; undefined where nobody can ask. A provider that is not there is not missed. */
function answersIn(cells: readonly Outage[]) {
  const answers = new Map(cells.map((cell) => [keyOf(cell), answerOf(cell)]));
  return (model: string, outage: string | null): string | null | undefined => {
    const known = answers.get(keyOf({ model, outage }));
    return known === undefined ? answers.get(keyOf({ model, outage: null })) : known;
  };
}

const keyOf = ({ model, outage }: Pick<Outage, "model" | "outage">): string =>
  JSON.stringify([model, outage]);
