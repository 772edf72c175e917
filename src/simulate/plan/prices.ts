import { everyCause, reachOf } from "../../config/reach.ts";
import type { Price, Snapshot, Target } from "../../domain/snapshot.ts";
import { fact } from "../../routing/facts.ts";
import { fill } from "../../routing/identity.ts";
import { isAuto } from "../../routing/plan.ts";
import { lookUp, type Named } from "../../routing/resolve.ts";

/** What a million tokens of a public name cost while all is well, every part known. */
export type ListPrice = { readonly [part in keyof Price]: number };

/** A target and the share of requests that it is expected to answer. */
interface Expected {
  readonly price: Price | null;
  readonly share: number;
}

/**
 * What is to be paid for a name, as long as its first choice answers: of a priority model the first target, of a weighted
 * one each by its weight, else all alike. Null where nobody can ask for it, or a price is not known.
 */
export function listPriceOf(snapshot: Snapshot, name: string): ListPrice | null {
  if (isAuto(snapshot, name)) {
    const { models = [], strategy = "priority" } = snapshot.auto ?? {};
    const prices = models.map((model) => listPriceOf(snapshot, model));
    if (strategy === "cost") return cheapest(prices);
    return blend(
      (strategy === "priority" ? prices.slice(0, 1) : prices).map((price) => ({ price, share: 1 })),
    );
  }
  const named = lookUp(snapshot, name);
  return named?.model.enabled === true ? blend(expectedOf(snapshot, named)) : null;
}

/** The price of every target that a name may reach, by `provider/model`; null where it is not known. */
export function targetPrices(snapshot: Snapshot, name: string): ReadonlyMap<string, Price | null> {
  if (isAuto(snapshot, name)) {
    return new Map((snapshot.auto?.models ?? []).flatMap((model) => [...targetPrices(snapshot, model)]));
  }
  const named = lookUp(snapshot, name);
  if (named === null) return new Map();
  const reached = reachOf(snapshot, named.model, everyCause);
  return new Map(
    reached.map(({ target }) => [
      `${target.provider.name}/${fill(target.model, named.capture)}`,
      priceOf(target, named.capture),
    ]),
  );
}

function expectedOf(snapshot: Snapshot, { model, capture }: Named): readonly Expected[] {
  const reached = reachOf(snapshot, model, ["any"]);
  // Its own targets, or those of the first fallback that has any.
  const first = reached.filter((each) => each.model === reached[0]?.model).map(({ target }) => target);
  const serving = reached[0]?.model ?? model;
  const priced = first.map((target) => ({ price: priceOf(target, capture), weight: target.weight }));
  switch (serving.strategy) {
    case "priority":
      return priced.slice(0, 1).map(({ price }) => ({ price, share: 1 }));
    case "weighted":
      return priced.map(({ price, weight }) => ({ price, share: weight }));
    case "cost":
      return [{ price: cheapest(priced.map(({ price }) => price)), share: 1 }];
    default:
      return priced.map(({ price }) => ({ price, share: 1 }));
  }
}

const priceOf = ({ provider, model }: Target, capture: string | null): Price | null =>
  fact(provider, fill(model, capture), "price")?.value ?? null;

/** Unknown ones come last. */
const cheapest = <T extends Price>(prices: readonly (T | null)[]): T | null =>
  prices
    .filter((price) => price !== null)
    .toSorted((a, b) => a.input + a.output - b.input - b.output)
    .at(0) ?? null;

/** The mean by shares; a part that nobody prices is paid as what it is a part of. */
function blend(expected: readonly Expected[]): ListPrice | null {
  const counting = expected.filter(({ share }) => share > 0);
  const total = counting.reduce((sum, { share }) => sum + share, 0);
  if (total === 0) return null;
  const sum = { input: 0, output: 0, cached_input: 0, cache_write: 0, request: 0 };
  for (const { price, share } of counting) {
    if (price === null) return null;
    const part = share / total;
    sum.input += part * price.input;
    sum.output += part * price.output;
    sum.cached_input += part * (price.cached_input ?? price.input);
    sum.cache_write += part * (price.cache_write ?? price.input);
    sum.request += part * (price.request ?? 0);
  }
  return sum;
}
