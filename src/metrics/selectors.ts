import { ok, type Result } from "../core/result.ts";
import type { Dimension } from "./rollup/cubes.ts";
import type { Filter, Grouping } from "./scan.ts";
import { type BadQuery, bad, shown } from "./window.ts";

/** What requests are chosen and grouped by, in the words of a query: a target is a provider and its model. */
const dimensionsOf = {
  model: ["model"],
  provider: ["provider"],
  target: ["provider", "upstream"],
  key: ["key"],
  team: ["team"],
  user: ["user"],
  generation: ["generation"],
  arm: ["arm"],
  outcome: ["outcome"],
} as const satisfies Record<string, readonly Dimension[]>;
type Selector = keyof typeof dimensionsOf;

/** The query parameters that choose requests. */
export const selectors = Object.keys(dimensionsOf) as readonly Selector[];

const choices: Partial<Record<Selector, readonly string[]>> = {
  outcome: ["ok", "error", "refused", "cancelled"],
  arm: ["stable", "canary"],
};

/** Reads the parameters that choose requests. */
export function parseFilters(params: ReadonlyMap<string, string>): Result<readonly Filter[], BadQuery> {
  const filters: Filter[] = [];
  for (const selector of selectors) {
    const text = params.get(selector);
    if (text === undefined) continue;
    const read = parseFilter(selector, text);
    if (!read.ok) return read;
    filters.push(...read.value);
  }
  return ok(filters);
}

/** Reads the parameter that groups requests; `labels` are the labels there are. */
export function parseGrouping(
  param: string,
  text: string,
  labels: readonly string[],
): Result<Grouping, BadQuery> {
  const selector = selectors.find((one) => one === text);
  if (selector !== undefined) return ok({ dimensions: dimensionsOf[selector] });
  if (labels.includes(text) && !text.includes('"')) return ok({ label: text });
  return bad(param, `${param} must be one of ${[...selectors, ...labels].join(", ")}, found ${shown(text)}`);
}

function parseFilter(selector: Selector, text: string): Result<readonly Filter[], BadQuery> {
  const among = choices[selector];
  if (among !== undefined && !among.includes(text))
    return bad(selector, `${selector} must be one of ${among.join(", ")}, found ${shown(text)}`);
  if (selector === "generation") {
    return /^\d{1,15}$/.test(text)
      ? ok([["generation", Number(text)]])
      : bad(selector, `generation must be a whole number, found ${shown(text)}`);
  }
  if (selector !== "target") return ok(dimensionsOf[selector].map((dimension) => [dimension, text]));
  const slash = text.indexOf("/");
  return slash < 0
    ? bad(selector, `target must be a provider and its model, as in openai/gpt-4o, found ${shown(text)}`)
    : ok([
        ["provider", text.slice(0, slash)],
        ["upstream", text.slice(slash + 1)],
      ]);
}
