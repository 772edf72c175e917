import { expect, test } from "bun:test";
import { type Fate, openOutbox } from "../../src/runtime/outbox.ts";

/** Batches that are lists of what was put. */
const listed = {
  begin: (): string[] => [],
  add: (batch: string[], item: string) => void batch.push(item),
};

/** An outbox whose batches wait until the test settles them. */
function held(capacity: number, batchWeight = 2) {
  const sent: { readonly batch: readonly string[]; readonly settle: (fate: Fate) => void }[] = [];
  const outbox = openOutbox({
    ...{ ...listed, capacity, batchWeight, everyMs: 1, retryMs: 1 },
    send: (batch, settle) => sent.push({ batch: [...batch], settle }),
  });
  return { outbox, sent };
}

test("a second batch waits for the first", async () => {
  const { outbox, sent } = held(10);
  for (const item of ["a", "b", "c", "d"]) outbox.put(item, 1);
  expect(sent.map(({ batch }) => batch)).toEqual([["a", "b"]]);
  sent[0]?.settle("taken");
  expect(sent.map(({ batch }) => batch)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  sent[1]?.settle("taken");
  expect(await outbox.flush(1_000)).toBe(true);
});

test("what is under way counts against the capacity, and what does not fit is dropped", () => {
  const { outbox, sent } = held(3);
  for (const item of ["a", "b", "c", "d", "e"]) outbox.put(item, 1);
  expect(outbox.dropped()).toBe(2);
  sent[0]?.settle("lost");
  expect(outbox.dropped()).toBe(4);
  outbox.put("f", 1);
  expect(outbox.dropped()).toBe(4);
});

test("a batch to be retried comes again as it was, and a flush waits for it", async () => {
  const fates: Fate[] = ["retry", "retry", "taken"];
  const batches: string[] = [];
  const outbox = openOutbox({
    ...{ ...listed, capacity: 10, batchWeight: 10, everyMs: 1, retryMs: 1 },
    send: (batch, settle) => {
      batches.push(batch.join());
      settle(fates.shift() ?? "taken");
    },
  });
  outbox.put("a", 1);
  outbox.put("b", 1);
  expect(await outbox.flush(1_000)).toBe(true);
  expect(batches).toEqual(["a,b", "a,b", "a,b"]);
});

test("a flush that takes too long says so, and so does one that a close overtakes", async () => {
  const { outbox } = held(10);
  outbox.put("a", 1);
  expect(await outbox.flush(1)).toBe(false);
  const last = outbox.flush(60_000);
  outbox.close();
  expect(await last).toBe(false);
  expect(outbox.dropped()).toBe(1);
});

test("a lone item is sent after a while, without anybody asking", async () => {
  const batch = await new Promise((resolve) => {
    const outbox = openOutbox({
      ...{ ...listed, capacity: 10, batchWeight: 100, everyMs: 1, retryMs: 1 },
      send: (items) => resolve([...items]),
    });
    outbox.put("a", 1);
  });
  expect(batch).toEqual(["a"]);
});

test("what waits long is kept in batches of their own size", async () => {
  const { outbox, sent } = held(10);
  for (const item of ["a", "b", "c", "d", "e", "f", "g"]) outbox.put(item, 1);
  const flushed = outbox.flush(1_000);
  for (let at = 0; at < 4; at += 1) sent[at]?.settle("taken");
  expect(await flushed).toBe(true);
  expect(sent.map(({ batch }) => batch.join(""))).toEqual(["ab", "cd", "ef", "g"]);
});
