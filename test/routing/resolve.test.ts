import { describe, expect, test } from "bun:test";
import { listed } from "../../src/routing/listing.ts";
import { lookUp, resolve } from "../../src/routing/resolve.ts";
import { noon, requestFor, run, stateWith } from "../support/scene.ts";
import { snapshotOf } from "../support/snapshot.ts";

const snapshot = snapshotOf(
  `
auth:
  teams: { eu: { any_tag: [eu], models: ["*", "!secret"] } }
  keys:
    - { id: all, secret: env:ALL }
    - { id: some, secret: env:SOME, models: [chat, "gpt-*"] }
    - { id: team, secret: env:TEAM, team: eu }
providers:
  us: { kind: openai, base_url: "http://127.0.0.1:1/v1", tags: [us] }
  eu: { kind: openai, base_url: "http://127.0.0.1:2/v1", tags: [eu] }
models:
  chat: { targets: [us/x, eu/x] }
  secret: { targets: [us/x] }
  off: { targets: [us/x], enabled: false }
  hidden: { targets: [us/x], visible: false }
  old: { targets: [us/x], deprecated: { use: chat, after: 2026-01-01 } }
  "open/*": { targets: ["us/*"] }
  "open/special-*": { targets: ["eu/*"] }
aliases:
  gpt-4: chat
  short: gpt-4
  going: { to: chat, deprecated: { after: 2027-12-31 } }
auto: { models: [secret, chat] }
default_model: short
`,
  { ALL: "a", SOME: "b", TEAM: "c" },
);

const key = (id: string) => snapshot.auth.keys.find((one) => one.id === id) ?? null;

describe("lookUp", () => {
  test.each([
    ["chat", "chat", null],
    ["gpt-4", "chat", null],
    ["short", "chat", null],
    ["open/gpt", "open/*", "gpt"],
    ["open/special-1", "open/special-*", "1"],
    ["__proto__", null, null],
    ["toString", null, null],
  ])("%s leads to %s", (name, model, capture) => {
    const found = lookUp(snapshot, name);
    expect(found?.model.name ?? null).toBe(model);
    expect(found?.capture ?? null).toBe(capture);
  });
});

describe("resolve", () => {
  test.each<[string, string | null, string | null]>([
    ["chat", "some", null],
    ["gpt-4", "some", null],
    ["secret", "some", "model_not_allowed"],
    ["secret", "team", "model_not_allowed"],
    ["nobody", "some", "model_not_found"],
    ["nobody", null, "model_not_found"],
    ["off", "all", "model_not_found"],
    ["hidden", "all", "model_not_found"],
    ["old", "all", "model_deprecated"],
    ["going", "all", null],
  ])("%s for key %s: %s", (name, id, code) => {
    const found = resolve(snapshot, name, id === null ? null : key(id), noon);
    expect(found.ok ? null : found.error.code).toBe(code);
  });
});

describe("a request", () => {
  test("without a model takes the default", () => {
    expect(run(snapshot, requestFor(null, { key: key("all") }), []).went).toEqual(["chat:us"]);
  });

  test("of a key whose team wants a tag goes to a provider that bears it", () => {
    expect(run(snapshot, requestFor("chat", { key: key("team") }), []).went).toEqual(["chat:eu"]);
  });

  test("for a pattern fills the star in", () => {
    expect(run(snapshot, requestFor("open/gpt-9", { key: key("all") }), []).last?.upstream).toBe("gpt-9");
  });

  test("for auto takes the first that the key may use", () => {
    expect(run(snapshot, requestFor("auto", { key: key("some") }), []).went).toEqual(["chat:us"]);
    expect(run(snapshot, requestFor("auto", { key: key("all") }), []).went).toEqual(["secret:us"]);
  });

  test("for auto prefers a model that can serve now, and fails over to the others", () => {
    const state = stateWith({ circuit: (endpoint) => (endpoint.includes(":1/") ? "open" : "closed") });
    expect(run(snapshot, requestFor("auto", { key: key("all") }), [], state).went).toEqual(["chat:eu"]);
    expect(run(snapshot, requestFor("auto", { key: key("all") }), ["not_found"]).went).toEqual([
      "secret:us",
      "chat:us",
    ]);
  });
});

describe("listed", () => {
  const ids = (id: string | null) =>
    listed(snapshot, id === null ? null : key(id), noon).map((one) => one.id);
  test("names models, aliases and auto by permission, and no patterns", () => {
    expect(ids("all")).toEqual(["chat", "secret", "gpt-4", "short", "going", "auto"]);
    expect(ids("some")).toEqual(["chat", "gpt-4", "short", "going", "auto"]);
  });
});
