import type { GraphModel } from "../../routing/graph.ts";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import { duration, percent, unknown } from "../words.ts";
import { type Board, conditionOf, latencyOf } from "./board.ts";
import { flagsOf, priceOf } from "./says.ts";
import { causes, type Shown } from "./shown.ts";

/** The same as the graph in rows: one for each way out of a model. */
export function Listing({
  board,
  shown,
  onModel,
}: {
  readonly board: Board;
  readonly shown: Shown;
  readonly onModel: (name: string) => void;
}) {
  const rows = shown.models.flatMap((model) =>
    model.targets.map((target, at): Way => ({ model, target, at })),
  );
  return (
    <Table
      label="Routes as a table"
      columns={columnsFor(board, onModel)}
      rows={rows}
      keyOf={({ model, at }) => `${model.name} ${at}`}
      empty="No model fits."
    />
  );
}

interface Way {
  readonly model: GraphModel;
  readonly target: GraphModel["targets"][number];
  readonly at: number;
}

const columnsFor = (board: Board, onModel: (name: string) => void): readonly Column<Way>[] => [
  {
    name: "Model",
    cell: ({ model, at }) =>
      at > 0 ? (
        <span class="again">{model.name}</span>
      ) : (
        <button type="button" class="plain-link" onClick={() => onModel(model.name)}>
          {model.name}
        </button>
      ),
  },
  {
    name: "Names and ways",
    cell: ({ model, at }) =>
      at > 0 ? "" : [...namesOf(board, model), model.strategy, ...flagsOf(board, model)].join(", "),
  },
  { name: "Target", cell: ({ target }) => `${target.provider}/${target.model}` },
  {
    name: "Now",
    cell: ({ target }) => {
      const { state, says } = conditionOf(board, target);
      return <Chip state={state}>{says}</Chip>;
    },
  },
  { name: "Share", isFigure: true, cell: ({ target }) => percent(target.share) },
  { name: "First output", isFigure: true, cell: ({ target }) => duration(latencyOf(board, target)) },
  { name: "Price", isFigure: true, cell: ({ target }) => priceOf(target.price) },
  {
    name: "Falls back to",
    cell: ({ model, at }) => (at > 0 ? "" : fallbacksIn(model)),
  },
];

function fallbacksIn({ fallbacks }: GraphModel): string {
  const told = causes.flatMap((cause) =>
    fallbacks[cause].length === 0 ? [] : `${cause.replace("_", " ")}: ${fallbacks[cause].join(", ")}`,
  );
  return told.length === 0 ? unknown : told.join("; ");
}

const namesOf = ({ aliases }: Board, model: GraphModel): readonly string[] =>
  aliases.filter(({ to }) => to === model.name).map(({ name }) => name);
