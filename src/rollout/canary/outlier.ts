import { type Arms, fewest } from "./draw.ts";
import { fisher, type Portion } from "./fisher.ts";

/**
 * Errors of the one client that errs more than the canary's others do. It has reasons of its own, such as a model that its
 * provider retired, and would have them in either arm. 0 where no client stands out, or the one that does is in both arms.
 */
export function errorsOfOutlier({ stable, canary }: Arms): number {
  const clients = new Map<string, Portion>();
  for (const { client, ownErrors, requests, refused } of canary)
    clients.set(client, plus(clients.get(client), { hits: ownErrors, of: requests - refused }));
  const [first = none, ...others] = [...clients].sort(([, a], [, b]) => b.hits - a.hits);
  const [client, worst] = first;
  const rest = others.reduce((sum, [, each]) => plus(sum, each), nothing);
  if (fisher(worst, rest) >= unlike) return 0;
  let elsewhere = 0;
  for (const each of stable) if (each.client === client) elsewhere += each.requests - each.refused;
  return elsewhere < fewest * (elsewhere + worst.of) ? worst.hits : 0;
}

/** Below this, a client is not like the others. */
const unlike = 0.05;

const nothing: Portion = { hits: 0, of: 0 };
const none: readonly [client: string, Portion] = ["", nothing];
const plus = (a: Portion = nothing, b: Portion): Portion => ({ hits: a.hits + b.hits, of: a.of + b.of });
