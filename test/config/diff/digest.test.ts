import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { parse } from "yaml";
import { diff } from "../../../src/config/diff.ts";
import { edits, everything, sideOf, sideOrNull } from "./sides.ts";

setDefaultTimeout(20_000);

/** The text after some of the edits, in the order of their numbers; those that no longer fit change nothing. */
const after = (chosen: readonly number[]): string =>
  chosen.reduce((text, index) => {
    const edit = edits[index];
    return edit === undefined ? text : text.replace(edit.from, edit.to);
  }, everything);

const some = fc.uniqueArray(fc.nat(edits.length - 1), { maxLength: 6 });

test("a diff is empty when, and only when, the digests are equal", () => {
  const seen = { equal: 0, different: 0 };
  fc.assert(
    fc.property(some, some, fc.boolean(), (one, other, alike) => {
      const base = sideOrNull(after(one));
      // Half of the time the same edits in another order, which mostly come to the same.
      const head = sideOrNull(after(alike ? one.toReversed() : other));
      if (base === null || head === null) return;
      const changes = diff(base, head);
      const equal = base.snapshot.digest === head.snapshot.digest;
      seen[equal ? "equal" : "different"]++;
      expect(changes.length === 0).toBe(equal);
      expect(diff(head, base).length === 0).toBe(equal);
      for (const { from, to, path } of changes)
        if (!path.includes("token")) expect(JSON.stringify(from)).not.toBe(JSON.stringify(to));
    }),
    { numRuns: 25 },
  );
  expect(seen.equal).toBeGreaterThan(2);
  expect(seen.different).toBeGreaterThan(2);
});

/** Lists whose order means nothing. */
const sets = new Set([
  "keys",
  "tags",
  "any_tag",
  "only_tags",
  "cors_origins",
  "redact",
  "secret",
  "assert",
  "on",
  "budget",
]);

/** The same data, mappings and sets in another order. */
function shuffled(value: unknown, seed: number, key = ""): unknown {
  const turn = <T>(items: readonly T[]): readonly T[] => {
    const at = items.length === 0 ? 0 : (seed * 7 + items.length) % items.length;
    return [...items.slice(at), ...items.slice(0, at)];
  };
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffled(item, seed));
    return sets.has(key) ? turn(items) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    turn(Object.entries(value)).map(([name, held]) => [name, shuffled(held, seed + 1, name)]),
  );
}

test("spelling and meaningless order are no change", () => {
  fc.assert(
    fc.property(some, fc.nat(1_000), (chosen, seed) => {
      const base = sideOrNull(after(chosen));
      if (base === null) return;
      // JSON is YAML too, without a comment, an anchor or a line break.
      const head = sideOf(JSON.stringify(shuffled(parse(after(chosen)), seed)));
      expect(diff(base, head)).toEqual([]);
      expect(head.snapshot.digest).toBe(base.snapshot.digest);
    }),
    { numRuns: 12 },
  );
});
