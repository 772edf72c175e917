import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { disableableKinds } from "../../src/domain/route.ts";
import { Orders, type Override } from "../../src/rollout/orders.ts";

setDefaultTimeout(20_000);

const word = { who: "boss", reason: "a reason", at: 1_000 };
const provider = { kind: "provider", name: "p" } as const;

/** Orders, and the facts that they have told so far, as the database would have them. */
function heard(before: Readonly<Record<string, unknown>> = {}) {
  const facts: Record<string, unknown> = { ...before };
  const orders = new Orders(before, ({ name, value }) => {
    if (value === null) delete facts[name];
    else facts[name] = JSON.parse(JSON.stringify(value));
  });
  return { orders, facts };
}

describe("orders", () => {
  test("say nothing at first", () => {
    const { orders } = heard();
    expect(orders.pin).toBeNull();
    expect(orders.suspension(0)).toBeNull();
    expect(orders.quarantined).toEqual([]);
    expect(orders.overrides(0)).toEqual([]);
    expect(orders.disabled(provider, 0)).toBeNull();
  });

  test("are the same after a restart, and leave no fact behind once they are withdrawn", () => {
    const { orders, facts } = heard();
    orders.setPin({ ...word, generation: 3 });
    orders.suspend({ ...word, until: 5_000 });
    orders.quarantine({ ...word, digest: "d", generation: 2 });
    orders.disable({ ...word, what: provider, until: null }, 1_000);

    const { orders: again, facts: left } = heard(facts);
    expect(again.pin).toEqual({ ...word, generation: 3 });
    expect(again.suspension(4_999)).toEqual({ ...word, until: 5_000 });
    expect(again.quarantineOf("d")).toMatchObject({ generation: 2, reason: "a reason" });
    expect(again.disabled(provider, 1e15)).toMatchObject({ reason: "a reason" });

    again.setPin(null);
    again.suspend(null);
    again.liftQuarantine("d");
    expect(again.enable(provider, 2_000)).toBe(true);
    expect(left).toEqual({});
  });

  test("take no notice of facts that they cannot have told", () => {
    const { orders } = heard({
      pin: 3,
      suspension: "x",
      quarantine: {},
      overrides: [1, null, { what: provider }],
    });
    expect([orders.pin, orders.suspension(0), orders.quarantined, orders.overrides(0)]).toEqual([
      null,
      null,
      [],
      [],
    ]);
  });

  test("name a digest once in quarantine, with the newest reason", () => {
    const { orders } = heard();
    for (const [digest, reason] of [
      ["d", "first"],
      ["e", "other"],
      ["d", "second"],
    ] as const)
      orders.quarantine({ ...word, digest, generation: 1, reason });
    expect(orders.quarantined.map(({ digest, reason }) => `${digest} ${reason}`)).toEqual([
      "e other",
      "d second",
    ]);
  });

  test("of the same name and another kind are another thing", () => {
    const { orders } = heard();
    orders.disable({ ...word, what: { kind: "model", name: "p" }, until: null }, 0);
    expect(disableableKinds.filter((kind) => orders.disabled({ kind, name: "p" }, 0) !== null)).toEqual([
      "model",
    ]);
  });

  test("take away and give back as a list of all that was ever said would have it", () => {
    const what = fc.record({ kind: fc.constantFrom(...disableableKinds), name: fc.constantFrom("a", "b") });
    const step = fc.record({ what, pass: fc.nat(5), forMs: fc.option(fc.nat(10)), isOff: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { orders, facts } = heard();
        const said: { readonly what: Override["what"]; readonly until: number }[] = [];
        let now = 0;
        for (const { what: thing, pass, forMs, isOff } of steps) {
          now += pass;
          const until = forMs === null ? null : now + forMs;
          if (isOff) orders.disable({ ...word, what: thing, until }, now);
          else orders.enable(thing, now);
          said.push({ what: thing, until: isOff ? (until ?? Number.POSITIVE_INFINITY) : 0 });
        }
        for (const each of [orders, heard(facts).orders])
          for (const kind of disableableKinds)
            for (const name of ["a", "b"]) {
              const last = said.findLast((one) => one.what.kind === kind && one.what.name === name);
              expect(each.disabled({ kind, name }, now) !== null).toBe(
                last !== undefined && now < last.until,
              );
            }
      }),
    );
  });
});
