import type { Share, Usd } from "../../core/units.ts";
import { refuse } from "../../domain/refusal.ts";
import type { ClientKey, Snapshot } from "../../domain/snapshot.ts";
import { costOfAttempt } from "../../gateway/failover.ts";
import { keyChance } from "../../gateway/request/sticky.ts";
import { costOfRun, type Ran, run } from "../run.ts";
import type { World } from "../world.ts";
import { type Certainty, oracleOf, type PastOracle } from "./oracle.ts";
import type { Past } from "./past.ts";
import type { Recorded } from "./recorded.ts";

/** How one configuration deals with one request. */
export interface Verdict {
  readonly outcome: "ok" | "refused" | "failed" | "cancelled";
  /** Who answered; null when nobody did. */
  readonly provider: string | null;
  readonly upstream: string | null;
  /** The code of the refusal or failure, and the rule behind it; null where there is none. */
  readonly code: string | null;
  readonly rule: string | null;
  readonly attempts: number;
  readonly costUsd: Usd | null;
  /** What it may cost instead, where it is a guess. */
  readonly lowUsd: Usd;
  readonly highUsd: Usd;
  readonly certainty: Certainty;
}

/** Runs one recorded request through a world, at the clock's present moment. */
export async function judge(world: World, recorded: Recorded, index: number, past: Past): Promise<Verdict> {
  const key = keyOf(world.snapshot, recorded);
  if (key === "unknown" || (key?.expiresAt != null && recorded.arrivedAt >= key.expiresAt)) return unknownKey;
  const { keyId, userChance, chance, asked, endpoint, stream, textBytes, maxTokens, n, arrivedAt } = recorded;
  const oracle = oracleOf(recorded, index, past);
  const stickyChance = new Sticky(keyId, userChance);
  const route = {
    model: asked,
    endpoint,
    stream,
    key,
    textBytes,
    maxTokens,
    n,
    chance,
    stickyChance,
    arrivedAt,
  };
  const ran = await run(world, route, oracle.answer);
  const shared = { attempts: ran.tried.length, certainty: oracle.certainty(), ...costs(ran, oracle) };
  if (ran.ok) {
    const { decision, broken } = ran;
    const outcome = broken === null ? "ok" : broken.kind === "cancelled" ? "cancelled" : "failed";
    return {
      outcome,
      provider: decision.target.provider.name,
      upstream: decision.upstream,
      code: broken?.kind ?? null,
      rule: null,
      ...shared,
    };
  }
  const { status, code, rule } = ran.refusal;
  const failed = ran.tried.length > 0 && status >= 500;
  const outcome = status === 499 ? "cancelled" : failed ? "failed" : "refused";
  return { outcome, provider: null, upstream: null, code, rule, ...shared };
}

/** The cost by the tokens that the request took in the past; where it moved, also by those of the answer it was given. */
function costs(ran: Ran, oracle: PastOracle): Pick<Verdict, "costUsd" | "lowUsd" | "highUsd"> {
  const costUsd = costOfRun(ran);
  const sure = costUsd ?? 0;
  if (oracle.certainty() === "unknown") return { costUsd, lowUsd: 0, highUsd: sure };
  const alternative = oracle.alternative();
  const last = ran.tried.at(-1);
  if (alternative === null || last === undefined) return { costUsd, lowUsd: sure, highUsd: sure };
  const instead = sure - (costOfAttempt(last) ?? 0) + (costOfAttempt({ ...last, usage: alternative }) ?? 0);
  return { costUsd, lowUsd: Math.min(sure, instead), highUsd: Math.max(sure, instead) };
}

/** The key of the file that a request was made with; null where the file is open to all. */
function keyOf({ auth }: Snapshot, { keyId }: Recorded): ClientKey | null | "unknown" {
  if (auth.keys.length === 0) return null;
  const known = keyId === null ? undefined : keysById(auth.keys).get(keyId);
  return known ?? "unknown";
}

const indexes = new WeakMap<readonly ClientKey[], ReadonlyMap<string, ClientKey>>();

function keysById(keys: readonly ClientKey[]): ReadonlyMap<string, ClientKey> {
  const known = indexes.get(keys) ?? new Map(keys.map((key) => [key.id, key]));
  indexes.set(keys, known);
  return known;
}

/** Worked out only where a strategy asks, as the gateway does. A caller without a key was told apart by its address, which is gone. */
class Sticky {
  readonly #keyId: string | null;
  readonly #user: () => Share;

  constructor(keyId: string | null, user: () => Share) {
    this.#keyId = keyId;
    this.#user = user;
  }

  get key(): Share {
    return keyChance(this.#keyId ?? "");
  }

  get user(): Share {
    return this.#user();
  }
}

const { code } = refuse("invalid_api_key", "");
const unknownKey: Verdict = {
  outcome: "refused",
  provider: null,
  upstream: null,
  code,
  rule: "auth.keys",
  attempts: 0,
  costUsd: null,
  lowUsd: 0,
  highUsd: 0,
  certainty: "recorded",
};

/** What was recorded, as a verdict. */
export function recordedVerdict(recorded: Recorded): Verdict {
  const { outcome, provider, upstream, attempts, costUsd } = recorded;
  return {
    outcome: outcome === "error" ? "failed" : outcome,
    provider,
    upstream,
    code: recorded.code,
    rule: null,
    attempts: attempts.length,
    costUsd,
    lowUsd: costUsd ?? 0,
    highUsd: costUsd ?? 0,
    certainty: "recorded",
  };
}
