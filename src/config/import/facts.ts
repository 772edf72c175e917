import type { Entry, Tree } from "../tree.ts";
import { type JsonObject, present } from "./draft.ts";
import type { Notes } from "./finding.ts";
import { countOf, numberOf, pick } from "./values.ts";

/** Prices by our name: per token elsewhere, per million of them here. */
const prices = {
  input: ["input_cost_per_token", "prompt_cost_per_token"],
  cached_input: ["cache_read_input_token_cost"],
  cache_write: ["cache_creation_input_token_cost"],
  output: ["output_cost_per_token", "completion_cost_per_token"],
  request: ["input_cost_per_request", "cost_per_request"],
} as const;
type PriceName = keyof typeof prices;
const priceNames = Object.keys(prices) as readonly PriceName[];

/** What mappings say of the upstream model behind a deployment: its price and its context. */
export function readFacts(holders: readonly (Tree | undefined)[], where: string, notes: Notes): JsonObject {
  const find = (spellings: readonly string[]): Entry | null =>
    holders.map((holder) => pick(holder, spellings)).find((entry) => entry !== null) ?? null;
  const written = priceNames.flatMap((name) => {
    const entry = find(prices[name]);
    return entry === null ? [] : [{ name, entry }];
  });
  return present({
    price: priceOf(written, where, notes),
    context: contextOf(find, where, notes),
  });
}

function priceOf(
  written: readonly { readonly name: PriceName; readonly entry: Entry }[],
  where: string,
  notes: Notes,
): JsonObject | undefined {
  const price: { [name in PriceName]?: number } = {};
  for (const { name, entry } of written) {
    const cost = numberOf(entry.value);
    if (cost === null) {
      notes.unsupported(entry, "a price is a number");
      continue;
    }
    // 0.0000025 a token is 2.5 a million, not 2.4999999999999996.
    price[name] = name === "request" ? cost : Number((cost * 1_000_000).toPrecision(12));
    notes.exact(entry, `${where}.price.${name}${name === "request" ? "" : ", per million tokens"}`);
  }
  const isPriced = price.input !== undefined || price.output !== undefined;
  if (!isPriced)
    return price.request === undefined ? undefined : { input: 0, output: 0, request: price.request };
  for (const { entry } of written)
    if (price.input === undefined || price.output === undefined)
      notes.approximated(entry, `${where}.price; what is not said costs nothing`);
  return Object.fromEntries(
    priceNames.flatMap((name) => {
      const cost = price[name] ?? (name === "input" || name === "output" ? 0 : undefined);
      return cost === undefined ? [] : [[name, cost] as const];
    }),
  );
}

function contextOf(
  find: (spellings: readonly string[]) => Entry | null,
  where: string,
  notes: Notes,
): number | string | undefined {
  const entry = find([
    "context",
    "context_window",
    "context_length",
    "max_context",
    "max_input_tokens",
    "max_model_len",
  ]);
  if (entry === null) return undefined;
  const count = countOf(entry.value);
  if (count === null || count === "unlimited") {
    notes.unsupported(entry, "a context is a whole number of tokens");
    return undefined;
  }
  if (entry.key === "max_input_tokens")
    notes.approximated(entry, `${where}.context, which is prompt and answer together`);
  else notes.exact(entry, `${where}.context`);
  return count;
}
