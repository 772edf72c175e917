import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chronicle } from "../../src/rollout/chronicle.ts";
import { type Control, openControl } from "../../src/rollout/control.ts";
import type { Change } from "../../src/rollout/control_store.ts";
import { type StoredGeneration, seen } from "../../src/rollout/generation.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";

const directory = mkdtempSync(join(tmpdir(), "switchyard-chronicle-"));
let count = 0;
const open: Control[] = [];
afterEach(async () => {
  for (const control of open.splice(0)) await control.close();
  rmSync(directory, { recursive: true, force: true });
});

const fresh = () => join(directory, `${count++}`, "state.sqlite");
function opened(file: string): Control {
  const control = openControl(file, 0, () => {});
  open.push(control);
  return control;
}
const reopened = async (file: string): Promise<Control> => {
  for (const control of open.splice(0)) await control.close();
  return opened(file);
};

const bytes = new TextEncoder().encode("version: 1\n");
const candidate = {
  origin: { kind: "file", path: "routes.yaml" },
  files: [{ name: "routes.yaml", bytes }],
  tests: { name: "routes.test.yaml", bytes },
} as const;
const row = (number: number, more: Partial<StoredGeneration> = {}): StoredGeneration => ({
  ...seen(number, candidate, number * 10),
  digest: `digest ${number}`,
  compiled: "{}",
  ...more,
});
const active = (number: number, more: Partial<StoredGeneration> = {}) =>
  row(number, { state: "active", stage: "active", isGood: true, activeAt: number * 10 + 5, ...more });

/** A control database that fails when it is told to. */
function failing(control: Control) {
  const tried: (readonly Change[])[] = [];
  let isDown = true;
  const commit: Control["commit"] = async (changes) => {
    tried.push(changes);
    return isDown ? "the disk is full" : control.commit(changes);
  };
  return {
    control: { ...control, commit },
    tried,
    mend: () => {
      isDown = false;
    },
  };
}

describe("a chronicle", () => {
  test("numbers from one, and goes on after a restart", async () => {
    const file = fresh();
    const chronicle = new Chronicle(opened(file));
    expect([chronicle.next(), chronicle.next()]).toEqual([1, 2]);
    await chronicle.record([row(2)], 20);
    expect(new Chronicle(await reopened(file)).next()).toBe(3);
  });

  test("gives back what it was given, with its bytes and its steps", async () => {
    const chronicle = new Chronicle(opened(fresh()));
    const origin = {
      kind: "git",
      ...{ repo: "https://git.example/r", ref: "main", sha: "c0ffee", author: "Ana <a@b>", signer: "ana" },
    } as const;
    const first = row(1, { origin, state: "canary", stage: "canary", activeAt: 12 });
    await chronicle.record([first], 12);
    const later = { ...first, state: "quarantined", reason: "it was bad", retiredAt: 30 } as const;
    await chronicle.record([later], 30);
    expect(chronicle.recall(1)).toEqual(later);
    expect(chronicle.recall(2)).toBeNull();
    expect(chronicle.steps(1)).toEqual([
      { stage: "canary", at: 12, note: null },
      { stage: "quarantined", at: 30, note: "it was bad" },
    ]);
  });

  test("says newest first what there was, and most recent first what was good", async () => {
    const chronicle = new Chronicle(opened(fresh()));
    await chronicle.record([active(1), active(2), row(3, { state: "rejected" }), active(4)], 0);
    // Went live last, by a clock that was set back.
    await chronicle.record([active(2, { activeAt: 1 })], 0);
    expect(chronicle.history(3).map(({ number }) => number)).toEqual([4, 3, 2]);
    expect(chronicle.good().map(({ number }) => number)).toEqual([2, 4, 1]);
  });

  test("calls a digest good until it is taken back, wherever else it was good, also after a restart", async () => {
    const file = fresh();
    const chronicle = new Chronicle(opened(file));
    await chronicle.record([active(1, { digest: "d" }), active(2, { digest: "e" })], 0);
    await chronicle.record([row(3, { digest: "d", state: "rejected" })], 0);
    expect([chronicle.isGood("d"), chronicle.isGood("e"), chronicle.isGood("f")]).toEqual([
      true,
      true,
      false,
    ]);
    await chronicle.record([row(4, { digest: "d", state: "quarantined" })], 0);
    const again = new Chronicle(await reopened(file));
    for (const each of [chronicle, again])
      expect([each.isGood("d"), each.isGood("e")]).toEqual([false, true]);
    expect(again.good().map(({ number }) => number)).toEqual([2]);
  });

  test("keeps the last fifty, what serves, and ten to go back to", async () => {
    const file = fresh();
    const chronicle = new Chronicle(opened(file));
    for (let number = 1; number <= 15; number++) {
      await chronicle.record([active(number)], 0);
      if (number > 1) await chronicle.record([active(number, { state: "retired", stage: "retired" })], 0);
    }
    for (let number = 16; number <= 80; number++)
      await chronicle.record([row(number, { state: "rejected" })], 0);
    const kept = chronicle.history(999).map(({ number }) => number);
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, n) => last - n);
    expect(kept).toEqual([...from(31, 80), ...from(6, 15), 1]);
    const sqlite = openSqlite(file, { readonly: true });
    expect(sqlite.prepare("SELECT count(DISTINCT generation) AS n FROM steps").get()).toEqual({
      n: kept.length,
    });
    sqlite.close();
  });

  test("is behind while nothing can be written, and then writes all of it in order", async () => {
    const file = fresh();
    const { control, tried, mend } = failing(opened(file));
    const chronicle = new Chronicle(control);
    await chronicle.record([active(1)], 5);
    await chronicle.audit({ at: 6, who: "boss", action: "pin", detail: { reason: "why" } });
    expect(chronicle.isBehind).toBe(true);
    expect(chronicle.recall(1)).toBeNull();
    mend();
    await chronicle.write([]);
    expect(chronicle.isBehind).toBe(false);
    expect(tried.at(-1)?.map(({ kind }) => kind)).toEqual(["generation", "step", "audit"]);
    expect(chronicle.recall(1)).toEqual(active(1));
    expect(chronicle.audited(9)).toEqual([{ at: 6, who: "boss", action: "pin", detail: { reason: "why" } }]);
  });
});
