import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Secret } from "../../../src/core/secret.ts";
import { Deliveries, verdictOn } from "../../../src/rollout/git/webhook.ts";

setDefaultTimeout(20_000);

const secret = new Secret("hook-canary");
const bytes = (text: string) => new TextEncoder().encode(text);
const push = JSON.stringify({ ref: "refs/heads/main", after: "1".repeat(40) });
const sign = (body: string | Uint8Array, key = "hook-canary") =>
  createHmac("sha256", key).update(body).digest("hex");
const verdict = (
  headers: Record<string, string>,
  body: string | Uint8Array = push,
  deliveries = new Deliveries(),
) =>
  verdictOn(
    { headers: new Headers(headers), body: typeof body === "string" ? bytes(body) : body },
    secret,
    "refs/heads/main",
    deliveries,
  );

describe("a delivery", () => {
  test.each([
    ["GitHub's", { "x-hub-signature-256": `sha256=${sign(push)}` }],
    ["one in capitals", { "x-hub-signature-256": `sha256=${sign(push).toUpperCase()}` }],
    ["Gitea's", { "x-gitea-signature": sign(push) }],
    ["GitLab's", { "x-gitlab-token": "hook-canary", "x-gitlab-event-uuid": "1" }],
  ])("with %s signature is worth a look", (_, headers) => {
    expect(verdict(headers)).toBe("look");
  });

  test.each([
    ["none", {}],
    ["an empty one", { "x-hub-signature-256": "" }],
    ["a wrong one", { "x-hub-signature-256": `sha256=${sign(push, "other")}` }],
    ["one of another body", { "x-hub-signature-256": `sha256=${sign("{}")}` }],
    ["a short one", { "x-hub-signature-256": `sha256=${sign(push).slice(0, 62)}` }],
    ["one that is no hex", { "x-hub-signature-256": `sha256=${"g".repeat(64)}` }],
    ["one without its name", { "x-hub-signature-256": sign(push) }],
    ["SHA-1", { "x-hub-signature": `sha1=${createHmac("sha1", "hook-canary").update(push).digest("hex")}` }],
    ["a wrong one of Gitea", { "x-gitea-signature": sign(push, "other") }],
    ["a wrong token", { "x-gitlab-token": "hook-canary2" }],
    ["an empty token", { "x-gitlab-token": "" }],
  ])("with %s is refused", (_, headers) => {
    expect(verdict(headers as Record<string, string>)).toBe("refused");
  });

  test("that comes again is known, whatever id it bears", () => {
    const deliveries = new Deliveries();
    const headers = (id: string) => ({
      "x-hub-signature-256": `sha256=${sign(push)}`,
      "x-github-delivery": id,
    });
    expect(verdict(headers("1"), push, deliveries)).toBe("look");
    expect(verdict(headers("2"), push, deliveries)).toBe("known");
    expect(verdict({ "x-hub-signature-256": `sha256=${sign("{}")}` }, "{}", deliveries)).toBe("look");
  });

  test("of GitLab is known by its id, or else by its body", () => {
    const deliveries = new Deliveries();
    const of = (id: string) => ({ "x-gitlab-token": "hook-canary", "x-gitlab-event-uuid": id });
    const verdicts = ["1", "1", "2"].map((id) => verdict(of(id), push, deliveries));
    expect(verdicts).toEqual(["look", "known", "look"]);
    const bare = { "x-gitlab-token": "hook-canary" };
    expect([verdict(bare, push, deliveries), verdict(bare, push, deliveries)]).toEqual(["look", "known"]);
  });

  test.each([
    ["another branch", { ref: "refs/heads/other" }, "elsewhere"],
    ["a tag of the same name", { ref: "refs/tags/main" }, "elsewhere"],
    ["no ref at all, as a ping", { zen: "x" }, "look"],
    ["what is no text", { ref: 1 }, "look"],
  ] as const)("about %s", (_, said, worth) => {
    const body = JSON.stringify(said);
    expect(verdict({ "x-hub-signature-256": `sha256=${sign(body)}` }, body)).toBe(worth);
  });

  test("that is no JSON is worth a look", () => {
    expect(verdict({ "x-hub-signature-256": `sha256=${sign("payload=%7B")}` }, "payload=%7B")).toBe("look");
  });

  test("of any bytes counts as signed, and no longer when any bit of it changes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(7), (body, at, bit) => {
        const headers = { "x-hub-signature-256": `sha256=${sign(body)}` };
        expect(verdict(headers, body)).not.toBe("refused");
        const changed = body.slice();
        changed[at % body.length] = (changed[at % body.length] ?? 0) ^ (1 << bit);
        expect(verdict(headers, changed)).toBe("refused");
      }),
      { numRuns: 50 },
    );
  });
});

test("as many deliveries are known as were said, the newest ones", () => {
  const deliveries = new Deliveries(3);
  expect(["1", "2", "3", "4"].map((id) => deliveries.take(id))).toEqual([true, true, true, true]);
  expect(["4", "3", "2"].map((id) => deliveries.take(id))).toEqual([false, false, false]);
  expect(deliveries.take("1")).toBe(true);
});
