import type { EpochMs, Share, Usd } from "../../core/units.ts";
import type { Recorded } from "./recorded.ts";
import type { Verdict } from "./verdict.ts";

/** What a change would have done to recorded traffic. */
export interface ReplayReport {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Compared; those before `from` only warmed the limits up. */
  readonly requests: number;
  /** Answered by both, by another provider or upstream model. */
  readonly provider_changed: number;
  /** The base accepted it and the head refuses it; and the other way round. */
  readonly newly_refused: number;
  readonly newly_accepted: number;
  readonly attempts: { readonly base: number; readonly head: number };
  readonly cost: CostReport;
  /** Requests whose outcome under the head rests on a provider that nothing is known of; and on a likely guess. */
  readonly unknown: number;
  readonly drawn: number;
  /** How often the replayed base came to what was recorded. */
  readonly fidelity: Share | null;
  readonly moves: readonly Move[];
  readonly refusals: readonly NewRefusals[];
}

/** What both cost, in US dollars; null while nothing is priced. `low` and `high` bound the head's. */
export interface CostReport {
  readonly base: Usd | null;
  readonly head: Usd | null;
  readonly change: Share | null;
  readonly low: Usd | null;
  readonly high: Usd | null;
}

/** Requests that went from one upstream model to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly requests: number;
}

/** Requests that one rule would newly refuse. */
export interface NewRefusals {
  readonly rule: string;
  readonly key: string | null;
  readonly requests: number;
  readonly first: EpochMs;
  readonly last: EpochMs;
}

/** Moves and rules told apart; what is rarer is counted, and not listed. */
const mostListed = 50;

/** Counts verdicts in pairs. Its size does not depend on how many there are. */
export class ReplayTally {
  #requests = 0;
  #changed = 0;
  #newlyRefused = 0;
  #newlyAccepted = 0;
  #unknown = 0;
  #drawn = 0;
  #faithful = 0;
  readonly #attempts = { base: 0, head: 0 };
  readonly #cost = { base: 0, head: 0, low: 0, high: 0, priced: false };
  readonly #moves = new Map<string, { from: string; to: string; requests: number }>();
  readonly #refusals = new Map<string, { -readonly [K in keyof NewRefusals]: NewRefusals[K] }>();

  add(recorded: Recorded, was: Verdict, base: Verdict, head: Verdict): void {
    this.#requests++;
    if (isSame(was, base)) this.#faithful++;
    if (head.certainty === "unknown") this.#unknown++;
    if (head.certainty === "drawn") this.#drawn++;
    this.#attempts.base += base.attempts;
    this.#attempts.head += head.attempts;
    this.#count(base, head);
    const isRefused = head.outcome === "refused";
    if (base.outcome !== "refused" && isRefused) this.#refused(recorded, head);
    if (base.outcome === "refused" && !isRefused) this.#newlyAccepted++;
    if (base.provider !== null && head.provider !== null) this.#moved(base, head);
  }

  report(from: EpochMs, to: EpochMs): ReplayReport {
    const byRequests = <T extends { readonly requests: number }>(items: Iterable<T>): readonly T[] =>
      [...items].sort((a, b) => b.requests - a.requests);
    return {
      from,
      to,
      requests: this.#requests,
      provider_changed: this.#changed,
      newly_refused: this.#newlyRefused,
      newly_accepted: this.#newlyAccepted,
      attempts: { ...this.#attempts },
      cost: this.#costs(),
      unknown: this.#unknown,
      drawn: this.#drawn,
      fidelity: this.#requests === 0 ? null : this.#faithful / this.#requests,
      moves: byRequests(this.#moves.values()),
      refusals: byRequests(this.#refusals.values()),
    };
  }

  #count(base: Verdict, head: Verdict): void {
    const cost = this.#cost;
    if (base.costUsd !== null || head.costUsd !== null) cost.priced = true;
    cost.base += base.costUsd ?? 0;
    cost.head += head.costUsd ?? 0;
    cost.low += head.lowUsd;
    cost.high += head.highUsd;
  }

  #costs(): CostReport {
    const { base, head, low, high, priced } = this.#cost;
    if (!priced) return { base: null, head: null, change: null, low: null, high: null };
    return { base, head, change: base === 0 ? null : head / base - 1, low, high };
  }

  #moved(base: Verdict, head: Verdict): void {
    if (base.provider === head.provider && base.upstream === head.upstream) return;
    this.#changed++;
    const [from, to] = [`${base.provider}/${base.upstream}`, `${head.provider}/${head.upstream}`];
    const move = this.#moves.get(`${from} ${to}`) ?? { from, to, requests: 0 };
    move.requests++;
    if (this.#moves.size < mostListed) this.#moves.set(`${from} ${to}`, move);
  }

  #refused({ arrivedAt, keyId }: Recorded, { rule, code }: Verdict): void {
    this.#newlyRefused++;
    const named = rule ?? code ?? "refused";
    const id = `${named} ${keyId}`;
    const found = this.#refusals.get(id);
    const known = found ?? { rule: named, key: keyId, requests: 0, first: arrivedAt, last: arrivedAt };
    known.requests++;
    known.last = Math.max(known.last, arrivedAt);
    if (found === undefined && this.#refusals.size < mostListed) this.#refusals.set(id, known);
  }
}

/** Whether a replay came to what was recorded: the same end, by the same provider, or for the same reason. */
const isSame = (was: Verdict, replayed: Verdict): boolean =>
  was.outcome === replayed.outcome &&
  (was.outcome === "ok"
    ? was.provider === replayed.provider && was.upstream === replayed.upstream
    : was.outcome !== "refused" || was.code === replayed.code);
