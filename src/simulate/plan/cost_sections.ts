import type { CostChange, NamePrice, TrafficCost } from "./cost.ts";
import type { Section } from "./section.ts";
import { figure } from "./words.ts";

/** Names whose price is not the same, and the targets that make it so. */
export function priceSection({ prices }: CostChange): Section {
  const rows = prices
    .filter(({ before, after, targets }) => (before !== null && after !== null) || targets.length > 0)
    .flatMap(({ model, before, after, targets }) => [
      ...(same(before, after) ? [] : [[model, priceText(before), priceText(after)]]),
      ...targets.map((each) => [`${model} at ${each.target}`, priceText(each.before), priceText(each.after)]),
    ]);
  return {
    title: "Price per million tokens, prompt and answer",
    heading: ["model", "before", "after"],
    rows,
  };
}

const same = (a: NamePrice["before"], b: NamePrice["before"]): boolean =>
  a?.input === b?.input && a?.output === b?.output;

const priceText = (price: NamePrice["before"]): string =>
  price === null ? "unknown" : `$${price.input}, $${price.output}`;

/** What a day of traffic would have cost, where that is not the same. */
export function trafficSection({ models, before, after, per_million, unpriced }: TrafficCost): Section {
  const changed = models.filter((row) => row.before !== row.after);
  const rows = changed.map((row) => [
    row.model ?? "(no name)",
    figure(row.requests),
    usd(row.before),
    usd(row.after),
  ]);
  const million =
    per_million === null ? [] : [["per million tokens", "", usd(per_million.before), usd(per_million.after)]];
  const rest = unpriced === 0 ? [] : [["without a known price", figure(unpriced), "", ""]];
  return {
    title: "A day's recorded traffic at these prices",
    heading: ["model", "requests", "before", "after"],
    rows: models.length === 0 ? [] : [...rows, ["all", "", usd(before), usd(after)], ...million, ...rest],
  };
}

const usd = (amount: number | null): string =>
  amount === null
    ? "unknown"
    : `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
