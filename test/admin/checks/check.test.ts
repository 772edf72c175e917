import { expect, test } from "bun:test";
import { after, begun, listedIn, requestsFor, saidOf } from "../../../src/admin/checks/check.ts";
import { boardOf } from "../routes/file.ts";

const board = boardOf(`
providers: { p: { kind: simulated }, q: { kind: simulated } }
models:
  a: { targets: [p/x, q/x] }
  b: { targets: [p/x] }
  hidden: { targets: [p/y], visible: false }
  off: { targets: [p/z], enabled: false }
  half: { targets: [p/x, { provider: q, model: w, enabled: false }] }
  "p/*": { targets: ["p/*"] }
`);
const result = (ok: boolean) => ({
  ...{ provider: "p", model: "x", ok, latency_ms: 20, reply: null, warnings: [] },
  error: ok ? null : ({ kind: "server", status: 500, message: "broken" } as const),
});

test("what is checked by itself is what clients are shown by name", () => {
  expect(listedIn(board)).toEqual(["a", "b", "half"]);
});

test.each([
  [["a"], 2],
  [["a", "b", "half"], 2],
  [["hidden", "b"], 2],
  [[], 0],
])("%j takes %d requests: one for each target", (models, requests) => {
  expect(requestsFor(board, models)).toBe(requests);
});

test("a check tells how far it is, and what came of it", () => {
  let check = begun(2);
  expect(saidOf(check)).toBe("0 of 2 targets asked, 0 without an answer");
  check = after(check, { kind: "target", ...result(false), done: 1, of: 3 });
  expect(saidOf(check)).toBe("1 of 3 targets asked, 1 without an answer");
  expect(saidOf({ ...check, state: "stopped" })).toBe("Stopped after 1 of 3 targets; 1 gave no answer.");
  check = after(check, { kind: "done", models: [{ model: "a", verdict: "failed", targets: [] }] });
  expect(check.state).toBe("done");
  expect(saidOf(check)).toBe("Done: 0 of 1 models work, 1 do not, 0 skipped.");
});
