import { describe, expect, test } from "bun:test";
import { type Outage, outages } from "../../src/simulate/outage.ts";
import { snapshotOf } from "../support/snapshot.ts";

const file = `
providers:
  a: { kind: openai, base_url: "http://a.test/v1", models: { "*": { price: free } } }
  b: { kind: openai, base_url: "http://b.test/v1", models: { "*": { price: free } } }
  c: { kind: openai, base_url: "http://c.test/v1", enabled: false, models: { "*": { price: free } } }
models:
  chat: { targets: [a/one, b/two], fallbacks: [small] }
  small: { targets: [b/three] }
  hidden: { visible: false, targets: [a/one] }
  off: { enabled: false, targets: [a/one] }
  gone: { deprecated: { after: 2025-01-01 }, targets: [a/one] }
  none: { targets: [c/one] }
  "a/*": { targets: ["a/*"] }
`;

const shown = ({ model, outage, answer, refusal }: Outage): string =>
  `${model} -${outage ?? ""}: ${answer === null ? refusal?.code : `${answer.served} ${answer.provider}/${answer.upstream} ${answer.attempts}`}`;

describe("the matrix of outages", () => {
  test("says who answers for each model while each provider is down", async () => {
    expect((await outages(snapshotOf(file))).map(shown)).toEqual([
      "chat -: chat a/one 1",
      "chat -a: chat b/two 3",
      "chat -b: chat a/one 1",
      "chat -c: chat a/one 1",
      "small -: small b/three 1",
      "small -a: small b/three 1",
      "small -b: upstream_error",
      "small -c: small b/three 1",
      "none -: no_target_available",
      "none -a: no_target_available",
      "none -b: no_target_available",
      "none -c: no_target_available",
      "a/* -: a/* a/any 1",
      "a/* -a: upstream_error",
      "a/* -b: a/* a/any 1",
      "a/* -c: a/* a/any 1",
    ]);
  });

  test("is of the models, the providers and the kind of failure that are asked for", async () => {
    const only = await outages(snapshotOf(file), { models: ["chat"], providers: ["a"], kind: "auth" });
    // A refused credential is not tried again.
    expect(only.map(shown)).toEqual(["chat -: chat a/one 1", "chat -a: chat b/two 2"]);
  });

  test("is the same each time", async () => {
    const snapshot = snapshotOf(file.replace("chat: {", "chat: { strategy: weighted,"));
    expect(await outages(snapshot)).toEqual(await outages(snapshot));
  });

  test("is as the key may see it", async () => {
    const keyed = snapshotOf(`${file}
auth: { keys: [{ id: web, secret: env:WEB, models: [small] }] }`);
    const [well] = await outages(keyed, { models: ["chat"], key: keyed.auth.keys[0] ?? null });
    expect(well?.refusal?.code).toBe("model_not_allowed");
  });
});
