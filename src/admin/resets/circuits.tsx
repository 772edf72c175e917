import type { Api } from "../api.ts";
import { useOrders } from "../parts/order.tsx";
import { Panel } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Chip } from "../parts/tile.tsx";
import type { Endpoint } from "../routes/board.ts";
import { resetOfCircuit } from "./orders.ts";

/** The circuits that are not closed, each to be reset; nothing where all are. */
export function Circuits({
  api,
  endpoints,
  again,
}: {
  readonly api: Api;
  readonly endpoints: readonly Endpoint[];
  /** Looks again at once. */
  readonly again: () => void;
}) {
  const { ask, dialog } = useOrders(api, again);
  const rows = openIn(endpoints);
  const columns: readonly Column<Endpoint>[] = [
    { name: "Of", cell: nameOf },
    {
      name: "Circuit",
      cell: ({ circuit }) => (
        <Chip state={circuit === "open" ? "bad" : "warn"}>{circuit.replace("_", " ")}</Chip>
      ),
    },
    {
      name: "Means",
      cell: ({ circuit }) =>
        circuit === "open" ? "it failed too often, and is left alone for a while" : "one request may try it",
    },
    {
      name: "Reset",
      cell: (endpoint) => (
        <button
          type="button"
          aria-label={`Reset the circuit of ${nameOf(endpoint)}`}
          onClick={() => ask(resetOfCircuit(endpoint))}
        >
          Reset …
        </button>
      ),
    },
  ];
  return (
    <>
      {rows.length === 0 ? null : (
        <Panel title="Circuits that are not closed">
          <Table label="Each circuit" columns={columns} rows={rows} keyOf={nameOf} empty="" />
        </Panel>
      )}
      {/* Stays where it is when the last circuit closes: it has yet to say so. */}
      {dialog}
    </>
  );
}

const nameOf = ({ provider, model }: Endpoint): string => `${provider}/${model}`;

/** One for each provider's model, whatever the number of its credentials; open ones first. */
export function openIn(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const open = endpoints.filter(({ circuit }) => circuit === "open");
  const half = endpoints.filter(({ circuit }) => circuit === "half_open");
  const byName = Map.groupBy([...open, ...half], nameOf);
  return [...byName.values()].flatMap(([first]) => first ?? []);
}
