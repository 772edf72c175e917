import { ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import { sweep, type Times } from "./rollup/sweep.ts";
import type { Store } from "./store.ts";
import { mergeCount, noCount, type Tally, tallyOf } from "./tally.ts";
import { type BadQuery, parseSpan, readParams, rfc3339, type Window, windowOf } from "./window.ts";

/** A checked query for `/metrics/models`: plain data, so that it can be sent to a thread. */
export interface ModelsQuery extends Window {
  /** The public models there are, in the order of the file, each with the providers of its targets. */
  readonly configured: readonly ConfiguredModel[];
}

/** A public model and who could answer it. */
export interface ConfiguredModel {
  readonly model: string;
  readonly providers: readonly string[];
}

/** The answer of `/metrics/models`. Times are RFC 3339 UTC. */
export interface ModelsReport {
  readonly from: string;
  readonly to: string;
  readonly models: readonly ModelEntry[];
}

/** One public model, also when nobody used it. */
export interface ModelEntry extends Tally {
  readonly model: string;
  /** Those of its targets, then others that answered for it, by a fallback or an earlier generation. */
  readonly providers: readonly string[];
  /** The arrival of the last request that asked for it, also before `from`; null when there was none. */
  readonly last_used: string | null;
}

/** Reads the query of `/metrics/models`: `hours`, or `from` and `to`. */
export function parseModels(
  query: URLSearchParams,
  configured: readonly ConfiguredModel[],
  now: EpochMs,
): Result<ModelsQuery, BadQuery> {
  const params = readParams(query, ["hours", "from", "to"]);
  if (!params.ok) return params;
  const span = parseSpan(params.value, now);
  return span.ok ? ok({ ...windowOf(span.value, now), configured }) : span;
}

/** One entry per public model; models that are gone from the file follow, while the time asked for still knows them. */
export async function queryModels(store: () => Store, query: ModelsQuery): Promise<ModelsReport> {
  const entry = (providers: readonly string[]) => ({ count: noCount(), providers: new Set(providers) });
  const entries = new Map(query.configured.map(({ model, providers }) => [model, entry(providers)]));
  const by = { dimensions: ["model", "provider"] } as const;
  const times: Times = { ...query, of: "requests", where: [], by, starts: [query.from], unit: "day" };
  await sweep(store, times, (_, groups) => {
    for (const { values, count } of groups) {
      const [model, provider] = values;
      if (typeof model !== "string") continue;
      const found = entries.get(model) ?? entry([]);
      entries.set(model, found);
      mergeCount(found.count, count);
      if (typeof provider === "string") found.providers.add(provider);
    }
  });

  const used = new Map(
    store()
      .sqlite.prepare("SELECT model, last_used FROM models")
      .all()
      .map((row) => [row.model, Number(row.last_used)]),
  );
  const models = [...entries].map(([model, { count, providers }]) => {
    const last = used.get(model);
    return {
      model,
      providers: [...providers],
      last_used: last === undefined ? null : rfc3339(last),
      ...tallyOf(count),
    };
  });
  return { from: rfc3339(query.from), to: rfc3339(query.to), models };
}
