import { didYouMean, suggest } from "../../config/suggest.ts";
import type { EpochMs } from "../../core/units.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { lookUp } from "../../routing/resolve.ts";
import { outages } from "../../simulate/outage.ts";
import { keyOf } from "../../simulate/scenario/door.ts";
import { noSuchModel } from "../config.ts";
import { exit } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { matrixJson, printMatrix, rowsOf } from "./matrix_print.ts";

/** Whose matrix is asked for. */
export interface MatrixOf {
  /** Null: every model that clients can ask for. */
  readonly model: string | null;
  /** The id of a key; null: somebody whom no key rule restricts. */
  readonly key: string | null;
  readonly at: EpochMs;
  readonly isJson: boolean;
}

/** Every model × every single-provider outage. Exit 1 when a model has no answer in one of them. */
export async function matrix(
  snapshot: Snapshot,
  { model, key: id, at, isJson }: MatrixOf,
  shell: Shell,
  misused: (mistake: string) => Promise<number>,
): Promise<number> {
  const key = id === null ? null : keyOf(snapshot, id);
  if (id !== null && key === null) {
    const ids = snapshot.auth.keys.map((each) => each.id);
    return misused(`--key has to be the id of a key of the file.${didYouMean(suggest(id, ids))}`);
  }
  const named = model === null ? null : lookUp(snapshot, model);
  if (model !== null && named === null) {
    await shell.err.write(`${noSuchModel(snapshot, model)}\n`);
    return exit.failed;
  }
  const only = named === null ? {} : { models: [named.model.name] };
  const rows = rowsOf(await outages(snapshot, { ...only, key, at }));
  if (rows.length === 0) {
    await shell.err.write(`${model ?? "The file"} has nothing that clients can ask for.\n`);
    return exit.failed;
  }
  const told = matrixJson(rows, snapshot);
  await shell.out.write(
    `${isJson ? JSON.stringify(told, null, 2) : printMatrix(rows, snapshot, shell.out.paint)}\n`,
  );
  return told.ok ? exit.ok : exit.failed;
}
