import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../../src/core/record.ts";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { directories } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(20_000);

const yaml = `version: 1
auth:
  keys:
    - { id: boss, secret: env:BOSS, role: admin }
    - { id: web, secret: env:WEB }
providers:
  near: { kind: simulated, limits: { rpm: 600 }, models: { "*": { price: { input: 1, output: 2 } } } }
  far: { kind: simulated, models: { "*": { price: { input: 2, output: 4 } } } }
models:
  chat: { targets: [near/small, far/small] }
aliases: { old: chat }
`;
const tests = `version: 1
tests:
  - name: chat is answered near
    send: { model: chat, key: web }
    expect: { provider: near }
  - name: chat survives an outage
    given: { providers: { near: [server, server] } }
    send: { model: chat, key: web }
    expect: { provider: far }
`;
const env = { ADMIN_KEY: "the-admin-key", BOSS: "the-boss", WEB: "the-web" };
const asAdmin = { authorization: `Bearer ${env.ADMIN_KEY}` };
const asWeb = { authorization: `Bearer ${env.WEB}` };

const scratch = directories();
let gateway: Running;
beforeAll(async () => {
  const directory = scratch.make();
  writeFileSync(join(directory, "routes.test.yaml"), tests);
  gateway = await startGateway(yaml, { env, directory });
  const models = [...Array.from({ length: 12 }, () => "chat"), "old", "old"];
  await Promise.all(models.map((model) => gateway.post("/v1/chat/completions", chat(model), asWeb)));
  await until(async () => (await recorded()) === models.length, "all of it is in the journal");
});
afterAll(async () => {
  await gateway.stop();
  scratch.remove();
});

async function recorded(): Promise<unknown> {
  const told: unknown = await (await fetch(`${gateway.url}/metrics`, { headers: asAdmin })).json();
  return isRecord(told) && isRecord(told["totals"]) ? told["totals"]["requests"] : null;
}

const root = () => ({ name: join(gateway.directory, "routes.yaml"), text: yaml });
const edited = (from: string, to: string) => ({ ...root(), text: yaml.replace(from, to) });
const beside = (text = tests) => ({ name: join(gateway.directory, "routes.test.yaml"), text });

const ask = (what: "check" | "replay", body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${gateway.url}/admin/api/draft/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...asAdmin },
    body: JSON.stringify(body),
    ...init,
  });

async function linesOf(response: Response): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(isRecord);
}
const check = async (file: object, besides: object | null = beside()) =>
  (await linesOf(await ask("check", { files: [file], tests: besides }))).at(-1);
const serving = async (): Promise<unknown> =>
  (await fetch(`${gateway.url}/admin/api/config`, { headers: asAdmin })).json();

describe("a draft is checked", () => {
  test("what serves has nothing to change, and its tests pass", async () => {
    const response = await ask("check", { files: [root()], tests: beside() });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await linesOf(response)).toMatchObject([
      { kind: "checked", diagnostics: [], plan: { has_changes: false }, tests: { passed: 2, failed: 0 } },
    ]);
  });

  test("an edit has its plan, and a secret that is not set here is a warning: it may come with the edit", async () => {
    const dearer = edited("input: 1", "input: 3").text.replace("env:WEB", "env:NOT_SET_HERE");
    const answer = await check({ ...root(), text: dearer.replace("aliases: { old: chat }\n", "") });
    expect(answer).toMatchObject({
      kind: "checked",
      diagnostics: [{ code: "unset_reference", severity: "warning", line: 5 }],
      plan: {
        has_changes: true,
        changes: [
          { path: "auth.keys[web].secret", class: "SECRET", head: { line: 5 } },
          { path: expect.stringContaining("price.input"), from: 1, to: 3, class: "COST", head: { line: 7 } },
          { path: "aliases.old", to: null, class: "BREAKING", base: { line: 11 } },
        ],
        access: [
          { key: "boss", loses: ["old"] },
          { key: "web", loses: ["old"] },
        ],
        // What was recorded is priced under both.
        cost: {
          traffic: {
            models: expect.arrayContaining([expect.objectContaining({ model: "chat", requests: 12 })]),
          },
        },
      },
    });
  });

  test("a mistake is told at its line, with what was probably meant, and there is no plan", async () => {
    expect(await check(edited("far/small", "fra/small"))).toEqual({
      kind: "checked",
      diagnostics: [
        expect.objectContaining({
          ...{ code: "unknown_provider", severity: "error", file: root().name, line: 10 },
          ...{ suggestion: "far" },
        }),
      ],
      plan: null,
      tests: null,
    });
  });

  test("a mistake in an included file is told of that file", async () => {
    const included = { name: "more.yaml", text: "models:\n  extra: { target: [near/x] }\n" };
    const files = [edited("version: 1\n", "version: 1\ninclude: [more.yaml]\n"), included];
    const [answer] = await linesOf(await ask("check", { files }));
    expect(answer?.["diagnostics"]).toContainEqual(
      expect.objectContaining({ file: "more.yaml", line: 2, code: "unknown_key", suggestion: "targets" }),
    );
  });

  test("a test that fails is told at its expectation, and does not hide the plan", async () => {
    const answer = await check(edited("[near/small, far/small]", "[far/small, near/small]"));
    expect(answer).toMatchObject({
      diagnostics: [{ code: "test_failed", file: beside().name, line: 5 }],
      plan: { has_changes: true },
      tests: { passed: 1, failed: 1 },
    });
  });

  test("a change of the tests alone is a change of the guards", async () => {
    const answer = await check(root(), beside(tests.replace("provider: far", "attempts: 3")));
    expect(answer).toMatchObject({
      plan: { changes: [{ path: 'tests["chat survives an outage"]', class: "ACCESS" }] },
      tests: { passed: 2, failed: 0 },
    });
  });
});

describe("recorded traffic runs through a draft", () => {
  const replay = async (file: object, since?: string) =>
    linesOf(await ask("replay", { files: [file], ...(since === undefined ? {} : { since }) }));

  test("told how far it is, then what would have been refused, by what, and the gate", async () => {
    const tight = edited("rpm: 600", "rpm: 5").text.replace("aliases: { old: chat }\n", "");
    const lines = await replay({ ...root(), text: tight }, "1h");
    const told = lines.slice(0, -1);
    expect(told.length).toBeGreaterThan(1);
    expect(told.every(({ kind, done, of }) => kind === "progress" && Number(done) <= Number(of))).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      kind: "replayed",
      report: {
        ...{ requests: 14, provider_changed: 7, newly_refused: 2, fidelity: 1 },
        refusals: [{ rule: "model_not_found", key: "web", requests: 2 }],
      },
      gate: { kind: "passed" },
    });
  });

  test("not while it has mistakes", async () => {
    expect(await replay(edited("far/small", "fra/small"))).toEqual([
      { kind: "unable", why: "The draft has mistakes; a replay needs one without." },
    ]);
  });
});

describe("a body that is none is refused", () => {
  const file = { name: "routes.yaml", text: "version: 1" };
  test.each([
    ["no files", {}, "files"],
    ["an empty list", { files: [] }, "files"],
    ["a text instead of a list", { files: "version: 1" }, "files"],
    ["a file without a text", { files: [file, { name: "x.yaml" }] }, "files"],
    ["tests that are no file", { files: [file], tests: "version: 1" }, "files"],
  ])("%s", async (_, body, param) => {
    const response = await ask("check", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request", param } });
  });

  test.each(["yesterday", 24, "-1h"])("a time such as %p", async (since) => {
    const response = await ask("replay", { files: [file], since });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: "since" } }]);
  });

  test("what is no JSON", async () => {
    const response = await ask("check", {}, { body: "{" });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "invalid_json" } },
    ]);
  });

  test.each([
    ["a client", asWeb, 403],
    ["nobody", {}, 401],
  ])("and so is %s", async (_, headers, status) => {
    expect((await ask("check", { files: [file] }, { headers })).status).toBe(status);
  });
});

test("nothing that serves is changed by a draft", async () => {
  const before = await serving();
  expect(await check(edited("near/small, ", ""), null)).toMatchObject({ tests: null });
  expect(await serving()).toEqual(before);
  const answered = await gateway.post("/v1/chat/completions", chat("chat"), asWeb);
  expect([answered.status, answered.headers.get("x-gateway-config")]).toMatchObject([
    200,
    expect.stringMatching(/^1-/),
  ]);
});

/** So many cases of 400 requests each. */
const busy = (cases: number) =>
  beside(
    `version: 1\ntests:\n${Array.from({ length: cases }, (_, at) => `  - { name: n${at}, send: { model: chat, key: web, repeat: 400 }, expect: { accepted: 400 } }\n`).join("")}`,
  );

test("live requests are answered while a draft is looked into", async () => {
  const order: string[] = [];
  const looking = check(root(), busy(20)).then((answer) => {
    order.push("draft");
    return answer;
  });
  for (let at = 0; at < 5; at++) {
    const answered = await gateway.post("/v1/chat/completions", chat("chat"), asWeb);
    order.push(String(answered.status));
  }
  expect(await looking).toMatchObject({ tests: { passed: 20 } });
  expect(order).toEqual(["200", "200", "200", "200", "200", "draft"]);
});

test("whoever leaves ends the work", async () => {
  const leaving = new AbortController();
  const asked = ask("check", { files: [root()], tests: busy(2_000) }, { signal: leaving.signal });
  const isIdle = async (): Promise<boolean> => {
    const before = process.cpuUsage();
    await Bun.sleep(40);
    const { user, system } = process.cpuUsage(before);
    return user + system < 20_000;
  };
  await until(async () => !(await isIdle()), "somebody works on it");
  leaving.abort();
  await expect(asked).rejects.toThrow();
  // It would take minutes.
  await until(isIdle, "nobody works on it any more");
});
