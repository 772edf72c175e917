import { describe, expect, test } from "bun:test";
import {
  type Claim,
  counterOf,
  type LimitName,
  type LimitScope,
  perRequest,
} from "../../src/domain/limits.ts";
import { concurrencyWaitMs, Ledger, type Refused } from "../../src/limits/ledger.ts";
import type { Permit } from "../../src/limits/permit.ts";

const start = Date.UTC(2026, 10, 21, 8, 30);
const reached = { reached: true };
const unreached = { reached: false };

const claim = (scope: LimitScope, limit: LimitName, of: number, amount = 1, name = "x"): Claim => ({
  scope,
  name,
  amount,
  rule: { limit, of, at: { file: "routes.yaml", line: 1, column: 1 } },
});

function admitted(answer: Permit | Refused): Permit {
  if ("refused" in answer) throw new Error(`refused by ${counterOf(answer.refused)}`);
  return answer;
}

const refused = (answer: Permit | Refused): Refused | null => ("refused" in answer ? answer : null);

describe("reserving", () => {
  test("takes all claims or none", () => {
    const ledger = new Ledger();
    const key = claim("key", "rpm", 10);
    const provider = claim("provider", "rpm", 1);
    admitted(ledger.reserve([key, provider], start));
    expect(refused(ledger.reserve([key, provider], start))).toEqual({ refused: provider, waitMs: 60_000 });
    expect(ledger.used(key, start)).toBe(1);
  });

  test("names the claim that has to wait longest", () => {
    const ledger = new Ledger();
    const minute = claim("key", "rpm", 1);
    const day = claim("provider", "rpd", 1);
    admitted(ledger.reserve([minute, day, claim("key", "concurrency", 1)], start));
    const again = ledger.reserve([claim("key", "concurrency", 1), minute, day], start + 1_000);
    expect(refused(again)).toEqual({ refused: day, waitMs: 86_399_000 });
  });

  test.each([
    { name: "tpr that is too small", limit: "tpr", of: 100, amount: 101, waitMs: Number.POSITIVE_INFINITY },
    {
      name: "tpm smaller than one request",
      limit: "tpm",
      of: 100,
      amount: 101,
      waitMs: Number.POSITIVE_INFINITY,
    },
    { name: "tpr that just fits", limit: "tpr", of: 101, amount: 101, waitMs: 0 },
  ] as const)("waits as long as it takes: $name", ({ limit, of, amount, waitMs }) => {
    const ledger = new Ledger();
    const asked = claim("key", limit, of, amount);
    expect(ledger.wait(asked, start)).toBe(waitMs);
    expect(refused(ledger.reserve([asked], start))?.waitMs ?? 0).toBe(waitMs);
  });

  test("a ceiling is the same for the second request as for the first", () => {
    const ledger = new Ledger();
    const asked = claim("key", "tpr", 100, 100);
    for (let index = 0; index < 5; index++) admitted(ledger.reserve([asked], start));
    expect(ledger.headroom(asked, start)).toBe(1);
  });

  test("counters are of one scope, one name and one limit", () => {
    const ledger = new Ledger();
    admitted(ledger.reserve([claim("key", "rpm", 1, 1, "a")], start));
    expect(ledger.wait(claim("key", "rpm", 1, 1, "a"), start)).toBe(60_000);
    for (const other of [
      claim("team", "rpm", 1, 1, "a"),
      claim("key", "rpm", 1, 1, "b"),
      claim("key", "rpd", 1, 1, "a"),
    ]) {
      expect(ledger.wait(other, start)).toBe(0);
    }
  });
});

describe("settling", () => {
  test("requests stay counted, and concurrency is free again", () => {
    const ledger = new Ledger();
    const rpm = claim("provider", "rpm", 5);
    const level = claim("provider", "concurrency", 1);
    const permit = admitted(ledger.reserve([rpm, level], start));
    expect(ledger.wait(level, start)).toBe(concurrencyWaitMs);
    permit.endAttempt(0, reached, start);
    expect(ledger.wait(level, start)).toBe(0);
    expect(ledger.used(rpm, start)).toBe(1);
  });

  test.each([
    { name: "a surplus goes back", real: 40, used: 40 },
    { name: "an excess is booked", real: 130, used: 130 },
    { name: "an unknown figure keeps the reservation", real: null, used: 100 },
    { name: "a failure without tokens gives everything back", real: 0, used: 0 },
    { name: "a figure that is none keeps the reservation", real: Number.NaN, used: 100 },
  ])("tokens: $name", ({ real, used }) => {
    const ledger = new Ledger();
    const tpm = claim("provider", "tpm", 120, 100);
    admitted(ledger.reserve([tpm], start)).endAttempt(real, reached, start + 500);
    expect(ledger.used(tpm, start + 500)).toBe(used);
  });

  test("an excess counts from the settling, a surplus from the reservation", () => {
    const ledger = new Ledger();
    const tpm = claim("provider", "tpm", 1_000, 100);
    const long = admitted(ledger.reserve([tpm], start));
    const short = admitted(ledger.reserve([tpm], start));
    long.endAttempt(150, reached, start + 30_000);
    short.endAttempt(10, reached, start + 30_000);
    expect(ledger.used(tpm, start + 30_000)).toBe(160);
    expect(ledger.used(tpm, start + 60_000)).toBe(50);
  });

  test("an attempt that never reached the provider counts for the key and for nobody else", () => {
    const ledger = new Ledger();
    const key = claim("key", "rpm", 5);
    const provider = claim("provider", "rpm", 5);
    const tpm = claim("provider", "tpm", 500, 100);
    const permit = admitted(ledger.reserve([key, provider, tpm], start));
    permit.endAttempt(null, unreached, start);
    permit.endRequest(0, start);
    expect([key, provider, tpm].map((each) => ledger.used(each, start))).toEqual([1, 0, 0]);
  });

  test("claims of key and team live until the request ends, over all of its attempts", () => {
    const ledger = new Ledger();
    const level = claim("team", "concurrency", 1);
    const tpm = claim("key", "tpm", 1_000, 300);
    const target = claim("target", "concurrency", 1);
    const first = admitted(ledger.reserve([level, tpm, target], start));
    first.endAttempt(0, reached, start);
    expect([level, target].map((each) => ledger.used(each, start))).toEqual([1, 0]);
    expect(ledger.used(tpm, start)).toBe(300);
    const second = admitted(ledger.reserve([target], start + 10));
    second.endAttempt(120, reached, start + 20);
    first.endRequest(120, start + 20);
    expect([level, target].map((each) => ledger.used(each, start + 20))).toEqual([0, 0]);
    expect(ledger.used(tpm, start + 20)).toBe(120);
  });

  test("is done once, whatever is said twice", () => {
    const ledger = new Ledger();
    const claims = [
      claim("key", "concurrency", 9),
      claim("key", "tpm", 900, 100),
      claim("provider", "rpm", 9),
    ];
    const other = admitted(ledger.reserve(claims, start));
    const permit = admitted(ledger.reserve(claims, start));
    for (let index = 0; index < 3; index++) {
      permit.endAttempt(null, unreached, start);
      permit.endRequest(10, start);
    }
    expect(claims.map((each) => ledger.used(each, start))).toEqual([1, 110, 1]);
    other.endRequest(null, start);
    expect(claims.map((each) => ledger.used(each, start))).toEqual([0, 110, 1]);
  });

  test("a request that ends takes an attempt with it that nobody ended", () => {
    const ledger = new Ledger();
    const level = claim("provider", "concurrency", 1);
    admitted(ledger.reserve([level], start)).endRequest(null, start);
    expect(ledger.used(level, start)).toBe(0);
  });
});

describe("reloading", () => {
  test("a lower limit frees nothing, a higher one resets nothing", () => {
    const ledger = new Ledger();
    for (let index = 0; index < 8; index++)
      admitted(ledger.reserve([claim("key", "rpm", 10)], start + index));
    expect(ledger.wait(claim("key", "rpm", 5), start + 100)).toBe(60_000 + 7 - 100);
    expect(ledger.headroom(claim("key", "rpm", 5), start + 100)).toBe(0);
    expect(ledger.headroom(claim("key", "rpm", 16), start + 100)).toBe(0.5);
    expect(ledger.used(claim("key", "rpm", 99), start + 100)).toBe(8);
  });
});

describe("what others see", () => {
  test("usage lists what holds something", () => {
    const ledger = new Ledger();
    const permit = admitted(
      ledger.reserve([claim("key", "rpm", 9), claim("provider", "concurrency", 9)], start),
    );
    const inFlight = { scope: "provider", name: "x", limit: "concurrency", used: 1 } as const;
    const counted = { scope: "key", name: "x", limit: "rpm", used: 1 } as const;
    expect(ledger.usage(start)).toEqual([counted, inFlight]);
    permit.endRequest(null, start);
    expect(ledger.usage(start)).toEqual([counted]);
    expect(ledger.usage(start + 60_000)).toEqual([]);
  });

  test("a reset is when the newest booking has left the window", () => {
    const ledger = new Ledger();
    const rpm = claim("key", "rpm", 9);
    expect(ledger.untilReset(rpm, start)).toBe(0);
    admitted(ledger.reserve([rpm], start));
    admitted(ledger.reserve([rpm], start + 20_000));
    expect(ledger.untilReset(rpm, start + 30_000)).toBe(50_000);
  });
});

describe("a restart", () => {
  test("keeps what the windows held, in plain JSON, and only what changed is saved", () => {
    const ledger = new Ledger();
    const rpd = claim("key", "rpd", 2);
    admitted(ledger.reserve([rpd, claim("key", "concurrency", 5)], start)).endRequest(null, start);
    const saved = ledger.snapshotOf(start + 1_000);
    expect(saved).toEqual([{ scope: "key", name: "x", limit: "rpd", booked: [start, 1] }]);
    expect(ledger.snapshotOf(start + 2_000)).toEqual([]);

    const after = new Ledger();
    after.restore(JSON.parse(JSON.stringify(saved)), start + 5_000);
    expect(after.snapshotOf(start + 5_000)).toEqual([]);
    admitted(after.reserve([rpd], start + 5_000));
    // Both fell into one sub-window, which counts until the later one has passed.
    expect(refused(after.reserve([rpd], start + 6_000))?.waitMs).toBe(86_399_000);
  });

  test("what has passed in the meantime is not counted", () => {
    const ledger = new Ledger();
    ledger.restore(
      [{ scope: "key", name: "x", limit: "rpm", booked: [start, 5, start + 50_000, 2] }],
      start + 70_000,
    );
    expect(ledger.used(claim("key", "rpm", 9), start + 70_000)).toBe(2);
  });
});

test.each([
  {
    name: "somebody keeps asking",
    ask: (ledger: Ledger, now: number) => void ledger.reserve([claim("key", "rpm", 1)], now),
  },
  {
    name: "the state is saved every second",
    ask: (ledger: Ledger, now: number) => void ledger.snapshotOf(now),
  },
])("a clock set back by hours locks nobody out for longer than the window, as long as $name", ({ ask }) => {
  const ledger = new Ledger();
  const rpm = claim("key", "rpm", 1);
  admitted(ledger.reserve([rpm], start));
  const earlier = start - 7_200_000;
  ask(ledger, earlier);
  expect(ledger.wait(rpm, earlier)).toBe(60_000);
  expect(ledger.wait(rpm, earlier + 60_000)).toBe(0);
});

describe("a reset", () => {
  const mine = { scope: "key", name: "x", limit: "tpm" } as const;
  const tpm = claim("key", "tpm", 500, 100);

  test("frees one limit, of one scope and name", () => {
    const ledger = new Ledger();
    const others = [
      claim("team", "tpm", 500, 100),
      claim("key", "rpm", 9),
      claim("key", "tpm", 500, 100, "y"),
    ];
    admitted(ledger.reserve([tpm, ...others], start)).endRequest(null, start);
    expect(ledger.reset(mine, start)).toBe(true);
    expect([tpm, ...others].map((each) => ledger.used(each, start))).toEqual([0, 100, 1, 100]);
  });

  test("is not undone by a permit that was open, whatever it took", () => {
    const ledger = new Ledger();
    const permit = admitted(ledger.reserve([tpm], start));
    expect(ledger.reset(mine, start)).toBe(true);
    admitted(ledger.reserve([tpm], start + 1));
    permit.endRequest(480, start + 2);
    expect(ledger.used(tpm, start + 2)).toBe(100);
  });

  test.each([
    ["a counter that nobody has", (_: Ledger): void => {}, "tpm"],
    [
      "what has passed",
      (ledger: Ledger): void =>
        admitted(ledger.reserve([tpm], start - 61_000)).endRequest(null, start - 61_000),
      "tpm",
    ],
    [
      "what is under way",
      (ledger: Ledger): void => void ledger.reserve([claim("key", "concurrency", 5)], start),
      "concurrency",
    ],
  ] as const)("does nothing to %s", (_, prepare, limit) => {
    const ledger = new Ledger();
    prepare(ledger);
    const before = ledger.usage(start);
    expect(ledger.reset({ ...mine, limit }, start)).toBe(false);
    expect(ledger.usage(start)).toEqual(before);
  });

  test("takes the saved row away, also when something is booked before the next save", () => {
    const ledger = new Ledger();
    const permit = admitted(ledger.reserve([tpm], start));
    ledger.snapshotOf(start);
    ledger.reset(mine, start + 1);
    permit.endRequest(300, start + 2);
    expect(ledger.snapshotOf(start + 3)).toEqual([{ ...mine, booked: [] }]);
    expect(ledger.snapshotOf(start + 4)).toEqual([]);

    admitted(ledger.reserve([tpm], start + 5));
    ledger.snapshotOf(start + 5);
    ledger.reset(mine, start + 6);
    admitted(ledger.reserve([tpm], start + 7));
    expect(ledger.snapshotOf(start + 8)).toEqual([
      { ...mine, booked: [] },
      { ...mine, booked: [start + 7, 100] },
    ]);
  });
});

describe("memory", () => {
  test("counters that hold nothing are dropped, and a store is told so once", () => {
    const ledger = new Ledger();
    for (let index = 0; index < 50; index++) {
      admitted(ledger.reserve([claim("key", "rpm", 9, 1, `k${index}`)], start)).endRequest(null, start);
    }
    expect(ledger.snapshotOf(start)).toHaveLength(50);
    admitted(ledger.reserve([claim("key", "rpm", 9, 1, "last")], start + 61_000));
    const told = ledger.snapshotOf(start + 61_000);
    expect(told.filter(({ booked }) => booked.length === 0)).toHaveLength(50);
    expect(ledger.snapshotOf(start + 62_000)).toEqual([]);
  });

  test("a counter that a permit may still settle on stays", () => {
    const ledger = new Ledger();
    const tpm = claim("key", "tpm", 500, 100);
    const permit = admitted(ledger.reserve([tpm], start));
    admitted(ledger.reserve([claim("key", "rpm", 9)], start + 300_000));
    permit.endRequest(180, start + 300_000);
    expect(ledger.used(tpm, start + 300_000)).toBe(80);
    expect(perRequest(tpm)).toBe(true);
  });
});
