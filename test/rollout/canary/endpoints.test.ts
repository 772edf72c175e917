import { describe, expect, test } from "bun:test";
import { endpointsOf } from "../../../src/rollout/canary/endpoints.ts";
import { aimsBehind } from "../../../src/routing/aims.ts";
import { pathOf } from "../../../src/routing/path.ts";
import { lookUp } from "../../../src/routing/resolve.ts";
import { snapshotOf } from "../../support/snapshot.ts";

const base = `
providers:
  p: { kind: openai, base_url: "http://127.0.0.1:1", api_key: [env:A, env:B], models: { "*": { price: free } } }
  q: { kind: openai, base_url: "http://127.0.0.1:2", models: { "*": { price: free } } }
  off: { kind: openai, base_url: "http://127.0.0.1:3", enabled: false, models: { "*": { price: free } } }
models:
  chat: { targets: [p/x, { provider: q, model: spare, enabled: false }], fallbacks: [small] }
  small: { visible: false, targets: [q/y, off/y] }
  gone: { enabled: false, targets: [q/gone] }
  "all/*": { targets: ["q/z-*"] }
  "one-*": { targets: [q/only] }
`;
const stable = snapshotOf(base, { A: "a", B: "b" });
const isOwn = endpointsOf(stable);

/** The endpoints that routing itself would use for a name. */
function endpointsFor(yaml: string, name: string): readonly string[] {
  const snapshot = snapshotOf(yaml, { A: "a", B: "b", C: "c" });
  return (aimsBehind(snapshot, name) ?? []).flatMap(({ node, target, upstream }) =>
    pathOf(snapshot, node.model, target, upstream).doors.map(({ endpointId }) => endpointId),
  );
}

describe("the endpoints of a snapshot", () => {
  test.each([
    ["each credential of a pool", base, "chat", 2],
    ["a hidden fallback", base.replace(", off/y", ""), "small", 1],
    ["what a pattern's star stands for", base, "all/anything", 1],
    ["a pattern's one upstream", base, "one-of-many", 1],
    ["the same endpoint by another name", base.replace("chat:", "talk:"), "talk", 2],
  ])("include %s", (_, yaml, name, count) => {
    const ids = endpointsFor(yaml, name).filter((id) => !id.endsWith(" spare"));
    expect(ids).toHaveLength(count);
    expect(ids.map(isOwn)).toEqual(ids.map(() => true));
  });

  test.each([
    ["another address", base.replace("127.0.0.1:2", "127.0.0.1:9"), "small"],
    ["another credential", base.replace("[env:A, env:B]", "env:C"), "chat"],
    ["another upstream model", base.replace("q/y", "q/yy"), "small"],
    ["what a pattern's star does not stand for", base.replace("q/z-*", "q/w-*"), "all/anything"],
    ["a model that is off", base.replace("enabled: false, targets: [q/gone]", "targets: [q/gone]"), "gone"],
  ])("leave out %s", (_, yaml, name) => {
    const ids = endpointsFor(yaml, name).filter((id) => !id.endsWith(" spare") && !id.includes(":3 "));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.map(isOwn)).toEqual(ids.map(() => false));
  });

  test("leave out targets and providers that are off", () => {
    const off = endpointsFor(base, "chat").filter((id) => id.endsWith(" spare"));
    const provider = endpointsFor(base, "small").filter((id) => id.includes(":3 "));
    expect([...off, ...provider].map(isOwn)).toEqual([false, false]);
    expect(lookUp(stable, "chat")).not.toBeNull();
  });
});
