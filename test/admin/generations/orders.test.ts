import { describe, expect, test } from "bun:test";
import { disable, ending, look, pinAny, rollback } from "../../../src/admin/generations/orders.ts";
import type { HistoryEntry } from "../../../src/rollout/history.ts";

const entry = (generation: number, state: string, digest: string | null = "9f2c"): HistoryEntry => ({
  ...{ generation, state, stage: "active", reason: null, digest, source: "git", path: null, repo: "r" },
  ...{ ref: "main", git_sha: "7be2d10a99", author: "Ana", signer: null, seen_at: "", active_at: null },
  ...{ retired_at: null, served: [], requests: 0, errors: 0, warnings: 0 },
});
const entries = [
  entry(4, "rejected", null),
  entry(3, "active"),
  entry(2, "quarantined"),
  entry(1, "retired"),
];
const bodies = (order: {
  readonly choices?: readonly { readonly options: readonly { readonly adds: object }[] }[];
}) => order.choices?.[0]?.options.map(({ adds }) => adds);

describe("what is offered", () => {
  test("to roll back to is what was good before, and whatever compiled once and does not serve", () => {
    expect(bodies(rollback(entries, 3))).toEqual([{}, { to: 2 }, { to: 1 }]);
  });

  test("to be pinned begins with what serves", () => {
    expect(bodies(pinAny(entries, 2))).toEqual([{ generation: 2 }, { generation: 3 }, { generation: 1 }]);
  });

  test("to be disabled is each thing once, and no pattern of targets", () => {
    const targets = [
      { provider: "openai", model: "gpt-4o" },
      { provider: "openai", model: "*" },
    ];
    const names = { providers: [{ provider: "openai" }], keys: ["web"] };
    const models = [
      { name: "chat", targets },
      { name: "talk", targets },
    ];
    expect(bodies(disable({ ...names, models }))).toEqual([
      { kind: "provider", name: "openai" },
      { kind: "target", name: "openai/gpt-4o" },
      { kind: "model", name: "chat" },
      { kind: "model", name: "talk" },
      { kind: "key", name: "web" },
    ]);
  });
});

test.each([
  [{ kind: "disabled", what: "target openai/a b" }, "enable", { kind: "target", name: "openai/a b" }],
  [{ kind: "pinned", what: "generation 3" }, "unpin", undefined],
  [{ kind: "suspended", what: "the source" }, "resume", undefined],
  [{ kind: "quarantined", what: "9f2c41d0" }, "sync", undefined],
] as const)("%p is ended by %s", (difference, action, body) => {
  const order = ending({ ...difference, reason: "", until: null });
  expect([order.path, order.body]).toEqual([`/admin/api/${action}`, body]);
});

test("what is quarantined is looked at by force at first", () => {
  expect(bodies(look(true))?.[0]).toEqual({ force: true });
  expect(bodies(look(false))?.[0]).toEqual({ force: false });
});
