import type { Share } from "../../core/units.ts";
import type { Strategy } from "../../domain/snapshot.ts";
import type { Rankable } from "../strategies.ts";
import { dollars, percent, span } from "./words.ts";

/** Something that a strategy puts in order. */
interface Ranked extends Rankable {
  readonly name: string;
}

/** How a strategy came to an order: what it looked at, and what that made of it. */
export function orderText(
  strategy: Strategy,
  items: readonly Ranked[],
  order: readonly string[],
  chance: Share,
): string {
  const result = order.join(", then ");
  const figures = items.map((item) => `${item.name} ${figureOf[strategy](item)}`.trimEnd()).join(", ");
  switch (strategy) {
    case "priority":
      return `priority keeps the order of the file: ${result}`;
    case "weighted":
      return `weighted draws by chance ${Number(chance.toFixed(3))} (${figures}): ${result}`;
    case "headroom":
      return `headroom puts first who has most room left (${figures}): ${result}`;
    case "latency":
      return `latency puts first who is fastest (${figures})${chance < 0.05 ? ", this time whoever is not measured" : ""}: ${result}`;
    case "cost":
      return `cost puts first who is cheapest for this request (${figures}): ${result}`;
  }
}

const figureOf: Readonly<Record<Strategy, (item: Rankable) => string>> = {
  priority: () => "",
  weighted: ({ weight }) => `weight ${weight}`,
  headroom: ({ headroom }) => percent(headroom()),
  latency: ({ latencyMs }) => known(latencyMs(), span, "not measured lately"),
  cost: ({ price }) => known(price(), dollars, "unknown"),
};

const known = (value: number | null, show: (value: number) => string, otherwise: string): string =>
  value === null ? otherwise : show(value);
