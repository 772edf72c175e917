import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";

setDefaultTimeout(20_000);

const env = { ADMIN_KEY: "admin-key-of-a-test", BOSS: "key-of-the-boss", WEB: "key-of-web" };
const file = (name: string, more = "") => `version: 1
auth:
  keys:
    - { id: boss, secret: env:BOSS, role: admin }
    - { id: web, secret: env:WEB }
providers: { openai: { kind: simulated }, azure: { kind: simulated } }
models:
  ${name}: { targets: [openai/gpt-4o, azure/gpt-4o] }
  "openai/*": { targets: ["openai/*"] }
aliases: { gpt-4: ${name} }
${more}`;

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(file("chat"), { env });
});
afterAll(() => gateway.stop());

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const get = async (path: string, of = gateway) => {
  const response = await fetch(`${of.url}/admin/api/${path}`, { headers: as(env.ADMIN_KEY) });
  return { status: response.status, body: await response.json() };
};
const order = async (action: string, body: unknown = {}, token = env.ADMIN_KEY, of = gateway) => {
  const response = await of.post(`/admin/api/${action}`, body, as(token));
  return { status: response.status, body: await response.json() };
};
const refusal = (code: string, message: RegExp, param: string | null = null) => ({
  error: { code, message: expect.stringMatching(message), param, type: "invalid_request_error" },
});

const reads = ["status", "history", "generations/1", "diff?from=1", "audit"];
const actions = ["rollback", "promote", "pin", "unpin", "suspend", "resume", "sync", "disable", "enable"];

describe("nobody but administrators", () => {
  test.each([...reads.map((path) => ["GET", path]), ...actions.map((path) => ["POST", path])] as const)(
    "may %s %s",
    async (method, path) => {
      const ask = (headers: Record<string, string>) =>
        fetch(`${gateway.url}/admin/api/${path}`, { method, headers });
      expect((await ask({})).status).toBe(401);
      expect((await ask(as("wrong"))).status).toBe(401);
      expect((await ask(as(env.WEB))).status).toBe(403);
      expect((await ask({ ...as(env.ADMIN_KEY), origin: "https://elsewhere.example" })).status).toBe(403);
    },
  );

  test.each(actions)("and %s is no GET", async (action) => {
    const response = await fetch(`${gateway.url}/admin/api/${action}`, { headers: as(env.ADMIN_KEY) });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

test("status has the fields of the contract, to the letter", async () => {
  const { status, body } = await get("status");
  expect(status).toBe(200);
  expect(Object.keys(body).sort()).toEqual(
    [
      ...["active", "attempted", "canary", "quarantined", "sync"],
      ...["boot", "pinned", "suspended", "drift"],
    ].sort(),
  );
  const rfc3339 = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const { active } = body;
  expect(active).toEqual({
    generation: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    git_sha: null,
    since: rfc3339,
  });
  expect(body).toMatchObject({
    attempted: {
      generation: 1,
      state: "active",
      stage: "active",
      digest: active.digest,
      git_sha: null,
      reason: null,
    },
    canary: null,
    quarantined: [],
    sync: { state: "idle", reason: null, last_success: null },
    boot: { source: "source", degraded: null },
    pinned: null,
    suspended: null,
    drift: [],
  });
  expect(
    body.attempted.diagnostics.every(({ severity }: { severity: string }) => severity === "warning"),
  ).toBe(true);
});

describe("what is asked wrongly", () => {
  test.each([
    ["history?limit=0", "limit"],
    ["history?limit=x", "limit"],
    ["history?limit=201", "limit"],
    ["history?limit=1&limit=2", "limit"],
    ["audit?limit=1001", "limit"],
    ["diff", "from"],
  ])("GET %s is 400", async (path, param) => {
    expect(await get(path)).toEqual({ status: 400, body: refusal("invalid_request", /has to be/, param) });
  });

  test.each([
    "generations/99",
    "generations/0",
    "generations/x",
    "generations/1.5",
    "diff?from=99",
    "diff?from=1&to=99",
  ])("GET %s is 404", async (path) => {
    expect(await get(path)).toEqual({
      status: 404,
      body: refusal("not_found", /^Generation .* is not kept/),
    });
  });

  test.each([
    ["rollback", { to: 0 }, "to", /whole number of at least 1/],
    ["rollback", { to: "1" }, "to", /whole number/],
    ["rollback", { too: 1 }, "too", /no field "too"\. Did you mean "to"\?/],
    ["rollback", { reason: 7 }, "reason", /a string/],
    ["rollback", { reason: "x".repeat(501) }, "reason", /1 to 500/],
    ["pin", { generation: -1 }, "generation", /at least 1/],
    ["suspend", { for: "2" }, "for", /a time from 1s/],
    ["suspend", { for: 7_200 }, "for", /a time/],
    ["suspend", { for: "2y" }, "for", /a time/],
    ["sync", { force: "yes" }, "force", /true or false/],
    ["disable", { name: "openai" }, "kind", /provider, target, model, key/],
    ["disable", { kind: "planet", name: "openai" }, "kind", /provider, target, model, key/],
    ["disable", { kind: "provider" }, "name", /a string/],
    ["disable", { kind: "provider", name: "opneai" }, "name", /Did you mean "openai"\?/],
    ["disable", { kind: "provider", name: "chat" }, "name", /There is a model of that name/],
    ["disable", { kind: "model", name: "gpt-4" }, "name", /alias of "chat"/],
    ["disable", { kind: "key", name: "wbe" }, "name", /Did you mean "web"\?/],
    ["disable", { kind: "target", name: "azure/gpt-4" }, "name", /Did you mean "azure\/gpt-4o"\?/],
    ["disable", { kind: "target", name: "azure/*" }, "name", /No configuration/],
    ["enable", { kind: "provider", name: "opneai" }, "name", /Did you mean "openai"\?/],
  ] as const)("POST %s %j is 400 at %s", async (action, body, param, message) => {
    const answer = await order(action, body);
    if (answer.status === 200) expect([action, body]).toEqual(["refused", answer.body]);
    expect(answer).toEqual({ status: 400, body: refusal("invalid_request", message, param) });
  });

  test("and what is no JSON says so", async () => {
    expect(await order("pin", "{")).toMatchObject({ status: 400, body: { error: { code: "invalid_json" } } });
    expect(await order("pin", "[]")).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request" } },
    });
  });

  test("changes nothing", async () => {
    expect((await get("status")).body).toMatchObject({ active: { generation: 1 }, drift: [], pinned: null });
    expect((await get("audit")).body.entries).toEqual([]);
  });
});

describe("what the state does not allow", () => {
  test.each([
    ["promote", {}, /no canary/],
    ["unpin", {}, /Nothing is pinned/],
    ["resume", {}, /Nothing is suspended/],
    ["enable", { kind: "provider", name: "openai" }, /is not disabled/],
    ["rollback", { to: 1 }, /active already/],
    ["rollback", {}, /no earlier good generation/],
  ] as const)("%s %j is 409", async (action, body, message) => {
    expect(await order(action, body)).toEqual({ status: 409, body: refusal("refused_by_state", message) });
  });

  test("is 404 where it is about a generation that is not there", async () => {
    expect(await order("rollback", { to: 99 })).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
    expect(await order("pin", { generation: 99 })).toMatchObject({ status: 404 });
  });
});

test("the way from a bad change back is told at every step", async () => {
  const own = await startGateway(file("chat"), { env });
  const asBoss = (action: string, body: unknown = {}) => order(action, body, env.BOSS, own);
  for (let n = 0; n < 3; n++) await own.post("/v1/chat/completions", chat("chat"), as(env.WEB));
  await own.write(file("talk", "assert: [{ model: talk, min_providers: 2 }]\n"));
  await own.write("version: 1\nmodels: [\n");

  const rejected = (await get("status", own)).body;
  expect(rejected).toMatchObject({
    active: { generation: 2 },
    attempted: {
      generation: 3,
      state: "rejected",
      stage: "compiled",
      diagnostics: [{ code: "yaml_syntax", line: 3 }],
    },
    boot: { degraded: expect.stringContaining("refused") },
  });
  expect(await (await fetch(`${own.url}/health`)).json()).toMatchObject({
    ...{ generation: 2, status: "degraded", canary: null, pinned: null, suspended: false },
  });

  const back = await asBoss("rollback", { reason: "  talk\nis cheap " });
  expect(back.status).toBe(200);
  expect(back.body.message).toBe("Generation 1 serves again; 2 is quarantined.");
  expect(back.body.status).toMatchObject({
    active: { generation: 1 },
    quarantined: [{ generation: 2, reason: "talk is cheap" }],
  });
  await asBoss("pin", { reason: "until we know more" });
  expect((await asBoss("rollback", { to: 2 })).body).toEqual(
    refusal("refused_by_state", /Generation 1 is pinned/),
  );
  expect(await (await fetch(`${own.url}/health`)).json()).toMatchObject({ generation: 1, pinned: 1 });
  await asBoss("suspend", { for: "2h", reason: "a freeze" });
  expect((await asBoss("sync")).status).toBe(409);

  const { generations } = (await get("history?limit=3", own)).body;
  expect(generations).toMatchObject([
    { generation: 3, state: "rejected", stage: "compiled", digest: null, requests: 0, errors: 1 },
    {
      generation: 2,
      state: "quarantined",
      reason: "talk is cheap",
      source: "file",
      retired_at: expect.any(String),
    },
    {
      generation: 1,
      state: "active",
      requests: 3,
      git_sha: null,
      author: null,
      signer: null,
      active_at: expect.any(String),
    },
  ]);
  expect(generations[1].path).toEndWith("/routes.yaml");
  // It served until the second came, and serves again since that was taken back.
  const [taken] = generations[1].served;
  expect(generations[2].served).toEqual([
    { as: "active", from: expect.any(String), to: taken.from },
    { as: "active", from: taken.to, to: null },
  ]);
  expect(generations[0].served).toEqual([]);
  expect((await get("history?limit=1", own)).body.generations).toHaveLength(1);

  const { body: second } = await get("generations/2", own);
  expect(second).toMatchObject({
    generation: 2,
    steps: [{ stage: "active" }, { stage: "quarantined", note: "talk is cheap" }],
    compiled: { models: { talk: { strategy: "priority" } } },
    tests: null,
  });
  expect(second.files[0].text).toContain("talk: { targets");
  expect((await get("generations/3", own)).body).toMatchObject({
    files: [],
    compiled: null,
    diagnostics: [{ code: "yaml_syntax" }],
  });

  const { body: diff } = await get("diff?from=2", own);
  expect(diff).toMatchObject({ from: 2, to: 1, has_changes: true });
  const classes = Object.fromEntries(
    diff.changes.map((change: { path: string; class: string }) => [change.path, change.class]),
  );
  expect(classes).toMatchObject({ "models.talk": "BREAKING", "models.chat": "SAFE" });
  expect(diff.files).toHaveLength(1);
  expect((await get("diff?from=1&to=3", own)).body).toMatchObject({ changes: null, has_changes: true });
  expect((await get("diff?from=1&to=1", own)).body).toMatchObject({
    changes: [],
    has_changes: false,
    files: [],
  });

  const { entries } = (await get("audit", own)).body;
  expect(
    entries.map(
      ({ who, action, outcome, reason }: Record<string, string>) => `${who} ${action} ${outcome}: ${reason}`,
    ),
  ).toEqual([
    "boss sync refused: no reason given",
    "boss suspend done: a freeze",
    "boss rollback refused: no reason given",
    "boss pin done: until we know more",
    "boss rollback done: talk is cheap",
  ]);
  expect((await get("audit?limit=2", own)).body.entries).toHaveLength(2);
  await own.stop();
});

test("no secret is in anything that is told", async () => {
  for (const path of reads) {
    const text = JSON.stringify((await get(path)).body);
    for (const secret of Object.values(env)) expect(text).not.toContain(secret);
  }
});
