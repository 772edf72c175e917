import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { type Claim, counterOf, type LimitName, type LimitScope } from "../../src/domain/limits.ts";
import type { SavedCounter } from "../../src/limits/counter.ts";
import { Ledger } from "../../src/limits/ledger.ts";
import type { Permit } from "../../src/limits/permit.ts";
import { ExactLog } from "./exact_log.ts";

setDefaultTimeout(20_000);

/** One thing that happens; figures are read modulo what there is. */
type Step =
  | { readonly kind: "arrive"; readonly key: number; readonly tokens: number; readonly count: number }
  | { readonly kind: "fail over"; readonly which: number }
  | { readonly kind: "end"; readonly which: number; readonly real: number | null }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "reload"; readonly factor: number }
  | { readonly kind: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("arrive" as const),
      key: fc.nat(1),
      tokens: fc.integer({ min: 1, max: 80 }),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("fail over" as const), which: fc.nat(99) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(99),
      real: fc.option(fc.nat(120), { nil: null, freq: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.oneof(fc.nat(900), fc.nat(20_000), fc.nat(150_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("reload" as const), factor: fc.constantFrom(0.5, 1, 2) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

const base = {
  "key rpm": 20,
  "key tpm": 400,
  "key concurrency": 6,
  "provider rpm": 30,
  "provider tpm": 600,
} as const;

interface Flight {
  readonly key: number;
  readonly tokens: number;
  readonly first: Permit;
  latest: Permit;
}

/** A gateway in miniature: the ledger as the failover loop uses it, beside a log that forgets nothing. */
class World {
  ledger = new Ledger();
  now = Date.UTC(2026, 10, 21);
  factor = 1;
  flights: Flight[] = [];
  readonly logs = new Map<string, ExactLog>();
  /** The highest limit that was in force, and what answers took beyond what was reserved. */
  readonly highest = new Map<string, number>();
  readonly excess = new Map<string, number>();
  readonly rows = new Map<string, SavedCounter>();

  claims(key: number, tokens: number, scopes: readonly LimitScope[]): Claim[] {
    return Object.entries(base).flatMap(([name, of]) => {
      const [scope, limit] = name.split(" ") as [LimitScope, LimitName];
      if (!scopes.includes(scope)) return [];
      const rule = { limit, of: of * this.factor, at: { file: "routes.yaml", line: 1, column: 1 } };
      return [{ scope, name: scope === "key" ? `k${key}` : "p", rule, amount: limit === "tpm" ? tokens : 1 }];
    });
  }

  reserve(claims: readonly Claim[]): Permit | null {
    const answer = this.ledger.reserve(claims, this.now);
    if ("refused" in answer) {
      this.checkRefusal(answer.refused, answer.waitMs);
      return null;
    }
    for (const claim of claims) this.log(claim, claim.amount);
    return answer;
  }

  /** I4: a refusal is true against the exact log, a sub-window more allowed. */
  checkRefusal(claim: Claim, waitMs: number): void {
    expect(waitMs).toBeGreaterThan(0);
    if (claim.rule.limit === "concurrency") return;
    const log = this.logs.get(counterOf(claim));
    const lately = log?.entries.filter(({ at }) => at > this.now - 61_000) ?? [];
    expect(lately.reduce((sum, { amount }) => sum + amount, 0) + claim.amount).toBeGreaterThan(claim.rule.of);
  }

  log(claim: Claim, amount: number): void {
    const name = counterOf(claim);
    const log = this.logs.get(name) ?? new ExactLog(60_000);
    this.logs.set(name, log);
    log.add(this.now, amount);
    this.highest.set(name, Math.max(this.highest.get(name) ?? 0, claim.rule.of));
  }

  arrive(key: number, tokens: number): void {
    const permit = this.reserve(this.claims(key, tokens, ["key", "provider"]));
    if (permit !== null) this.flights.push({ key, tokens, first: permit, latest: permit });
  }

  failOver(flight: Flight): void {
    flight.latest.endAttempt(0, { reached: true }, this.now);
    const next = this.reserve(this.claims(flight.key, flight.tokens, ["provider"]));
    if (next === null) this.end(flight, 0);
    else flight.latest = next;
  }

  end(flight: Flight, real: number | null): void {
    flight.latest.endAttempt(real, { reached: true }, this.now);
    flight.first.endRequest(real, this.now);
    this.flights = this.flights.filter((other) => other !== flight);
    for (const claim of this.claims(flight.key, flight.tokens, ["key", "provider"])) {
      if (claim.rule.limit !== "tpm") continue;
      const name = counterOf(claim);
      const excess = Math.max(0, (real ?? 0) - flight.tokens);
      this.excess.set(name, (this.excess.get(name) ?? 0) + excess);
      this.logs.get(name)?.add(this.now, excess);
    }
  }

  restart(): void {
    const after = new Ledger();
    after.restore(JSON.parse(JSON.stringify(this.saved())), this.now);
    for (const claim of this.claims(0, 1, ["key", "provider"])) {
      if (claim.rule.limit !== "concurrency")
        expect(after.used(claim, this.now)).toBe(this.ledger.used(claim, this.now));
    }
    // What was in flight died with the process; its reservations stay booked.
    this.ledger = after;
    this.flights = [];
  }

  /** What a store would hold: the latest row of each counter. */
  saved(): readonly SavedCounter[] {
    for (const row of this.ledger.snapshotOf(this.now))
      this.rows.set(`${row.scope} ${row.name} ${row.limit}`, row);
    return [...this.rows.values()];
  }

  play(happening: Step): void {
    const flight =
      "which" in happening ? this.flights[happening.which % Math.max(1, this.flights.length)] : undefined;
    switch (happening.kind) {
      case "arrive":
        for (let index = 0; index < happening.count; index++) this.arrive(happening.key, happening.tokens);
        return;
      case "fail over":
        if (flight !== undefined) this.failOver(flight);
        return;
      case "end":
        if (flight !== undefined) this.end(flight, happening.real);
        return;
      case "pass":
        this.now += happening.ms;
        return;
      case "reload":
        this.reload(happening.factor);
        return;
      case "restart":
        this.restart();
    }
  }

  /** I6: what was used does not change with the limit. */
  reload(factor: number): void {
    const used = () =>
      this.claims(0, 1, ["key", "provider"]).map((claim) => this.ledger.used(claim, this.now));
    const before = used();
    this.factor = factor;
    expect(used()).toEqual(before);
  }

  check(): void {
    for (const claim of [0, 1].flatMap((key) => this.claims(key, 1, ["key", "provider"]))) {
      const name = counterOf(claim);
      const used = this.ledger.used(claim, this.now);
      expect(used).toBeGreaterThanOrEqual(0);
      // I1: booked <= limit + what answers took beyond their reservation.
      expect(used).toBeLessThanOrEqual((this.highest.get(name) ?? 0) + (this.excess.get(name) ?? 0));
      // I2 and I3: as many in flight as there are, so nothing in flight means nothing held.
      if (claim.rule.limit !== "concurrency") continue;
      expect(used).toBe(this.flights.filter(({ key }) => `k${key}` === claim.name).length);
    }
  }

  /** I5: whoever waits as long as told is admitted, when alone. */
  checkWaits(): void {
    for (const flight of this.flights) this.end(flight, null);
    const claims = this.claims(0, 40, ["key", "provider"]);
    const answer = this.ledger.reserve(claims, this.now);
    if (!("refused" in answer)) return;
    expect(answer.waitMs).toBeLessThanOrEqual(60_000);
    this.now += answer.waitMs;
    expect("refused" in this.ledger.reserve(claims, this.now)).toBe(false);
  }
}

describe("the ledger, whatever happens in whatever order,", () => {
  test("books within its limits, forgets nothing, leaks nothing, and keeps its word", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (script) => {
        const world = new World();
        for (const happening of script) {
          world.play(happening);
          world.check();
        }
        for (const [name, log] of world.logs) {
          if (name.endsWith("rpm")) expect(log.worst()).toBeLessThanOrEqual(world.highest.get(name) ?? 0);
        }
        world.checkWaits();
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
