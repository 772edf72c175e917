import type { Usd } from "../../core/units.ts";
import type { Price, Snapshot } from "../../domain/snapshot.ts";
import { noUsage } from "../../domain/usage.ts";
import type { Mix, MixRow } from "../../metrics/mix.ts";
import { costOf } from "../../routing/facts.ts";
import { publicNames } from "../names.ts";
import { listPriceOf, targetPrices } from "./prices.ts";

/** USD per million tokens; null: not known, or nobody answers. */
type Shown = { readonly input: Usd; readonly output: Usd } | null;

/** What one public name costs while its first choice answers, and which of its targets have another price. */
export interface NamePrice {
  readonly model: string;
  readonly before: Shown;
  readonly after: Shown;
  readonly targets: readonly { readonly target: string; readonly before: Shown; readonly after: Shown }[];
}

/** What a day's tokens of one name would have cost; null where a price is not known, or nobody answers. */
export interface NameCost {
  /** As clients wrote it; null: they named none. */
  readonly model: string | null;
  readonly requests: number;
  readonly tokens: number;
  readonly before: Usd | null;
  readonly after: Usd | null;
}

/** A day's traffic at the prices of two configurations, as if the first choice had always answered. */
export interface TrafficCost {
  /** Epoch ms of the first and last of it. */
  readonly from: number;
  readonly until: number;
  readonly models: readonly NameCost[];
  /** Over the requests whose price is known to both. */
  readonly before: Usd;
  readonly after: Usd;
  /** USD per million tokens of that mix; null without a token. */
  readonly per_million: { readonly before: Usd; readonly after: Usd } | null;
  /** Requests that are left out, because a price is not known to both. */
  readonly unpriced: number;
}

/** What two configurations cost. */
export interface CostChange {
  /** USD per million tokens: names whose price is not the same. */
  readonly prices: readonly NamePrice[];
  /** Null where no recorded traffic was given. */
  readonly traffic: TrafficCost | null;
}

/** Compares prices, and where there is a day's traffic what it would have cost. */
export function costChange(base: Snapshot, head: Snapshot, mix: Mix | null): CostChange {
  const names = [...new Set([...publicNames(base), ...publicNames(head)])];
  const prices = names.map((model) => ({
    model,
    before: shown(listPriceOf(base, model)),
    after: shown(listPriceOf(head, model)),
    targets: repriced(base, head, model),
  }));
  return {
    prices: prices.filter(({ before, after, targets }) => !isSame(before, after) || targets.length > 0),
    traffic: mix === null ? null : trafficCost(base, head, mix),
  };
}

/** Targets that are there in both, at another price; told once, of the model and not of its other names. */
function repriced(base: Snapshot, head: Snapshot, name: string): NamePrice["targets"] {
  if (base.aliases.has(name) || name === "auto") return [];
  const [was, is] = [targetPrices(base, name), targetPrices(head, name)];
  return [...was].flatMap(([target, price]) => {
    const [before, after] = [shown(price), shown(is.get(target) ?? null)];
    return !is.has(target) || isSame(before, after) ? [] : [{ target, before, after }];
  });
}

const isSame = (a: Shown, b: Shown): boolean => a?.input === b?.input && a?.output === b?.output;

function trafficCost(base: Snapshot, head: Snapshot, { from, until, rows }: Mix): TrafficCost {
  const models = rows.map((row) => ({
    model: row.asked,
    requests: row.requests,
    tokens: row.prompt + row.completion,
    before: costIn(base, row),
    after: costIn(head, row),
  }));
  const known = models.flatMap(({ before, after, ...row }) =>
    before === null || after === null ? [] : [{ ...row, before, after }],
  );
  const sum = (of: (row: (typeof known)[number]) => number) => known.reduce((all, row) => all + of(row), 0);
  const [before, after, tokens] = [
    sum((row) => row.before),
    sum((row) => row.after),
    sum((row) => row.tokens),
  ];
  const perMillion = (usd: number) => round((usd / tokens) * 1_000_000);
  const requests = rows.reduce((all, row) => all + row.requests, 0);
  return {
    from,
    until,
    models: models.map((row) => ({ ...row, before: rounded(row.before), after: rounded(row.after) })),
    before: round(before),
    after: round(after),
    per_million: tokens === 0 ? null : { before: perMillion(before), after: perMillion(after) },
    unpriced: requests - sum((row) => row.requests),
  };
}

function costIn(snapshot: Snapshot, row: MixRow): Usd | null {
  const name = row.asked ?? snapshot.defaultModel;
  const price = name === null ? null : listPriceOf(snapshot, name);
  if (price === null) return null;
  const { prompt, completion, cached, cacheWrite } = row;
  const tokens = costOf({ ...price, request: null }, { ...noUsage, prompt, completion, cached, cacheWrite });
  return tokens === null ? null : tokens + row.requests * price.request;
}

const shown = (price: Pick<Price, "input" | "output"> | null): Shown =>
  price === null ? null : { input: round(price.input), output: round(price.output) };

/** Sums of binary fractions, without what they are off by. */
const round = (usd: number): number => Number(usd.toPrecision(12));
const rounded = (usd: number | null): number | null => (usd === null ? null : round(usd));
