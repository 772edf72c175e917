import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Running, startGateway } from "../../support/gateway.ts";
import { directories } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(20_000);

const env = { ADMIN_KEY: "admin-key-of-a-test", WEB: "key-of-web", BOSS: "key-of-the-boss" };
const file = (model: string, more = "") => `version: 1 # the one version
# who may call
auth: { keys: [{ id: web, secret: env:WEB }, { id: boss, secret: env:BOSS, role: admin }] }
providers: { p: { kind: simulated }, q: { kind: simulated } }
models: { ${model}: { targets: [p/x, q/x] } }
${more}`;

const { make, remove } = directories();
let directory = "";
let gateway: Running;
const start = async () => {
  directory = make();
  gateway = await startGateway(file("one"), { env, directory });
};
afterAll(remove);

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const propose = async (body: object, token = env.BOSS) => {
  const response = await gateway.post("/admin/api/propose", body, as(token));
  return { status: response.status, body: await response.json() };
};
const rootText = () => readFileSync(join(directory, "routes.yaml"), "utf8");
const servedModels = async () => {
  const { data } = await (await fetch(`${gateway.url}/v1/models`, { headers: as(env.WEB) })).json();
  return data.map(({ id }: { readonly id: string }) => id);
};
const isLive = (model: string) => until(async () => (await servedModels()).includes(model), `${model} live`);
const auditNow = async () =>
  (await (await fetch(`${gateway.url}/admin/api/audit`, { headers: as(env.ADMIN_KEY) })).json()).entries;

describe("a change that is proposed to a file", () => {
  beforeEach(start);
  afterEach(() => gateway.stop());

  test("is validated, tested, planned, written as it is, and comes live by way of the file", async () => {
    const { status, body } = await propose({
      files: {
        "routes.yaml": file("two"),
        "routes.test.yaml":
          "version: 1\ntests: [{ name: n, send: { model: two, key: web }, expect: { status: 200 } }]\n",
      },
      message: "Rename the model",
      reason: "two is better",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      message: expect.stringMatching(/routes\.yaml and .*routes\.test\.yaml are written/),
      proposed: { kind: "file" },
      tests: { passed: 1, failed: 0 },
      plan: { has_changes: true },
    });
    const classes = body.plan.changes.map(
      (change: { path: string; class: string }) => `${change.class} ${change.path}`,
    );
    expect(classes).toContain("BREAKING models.one");
    expect(rootText()).toBe(file("two"));
    await isLive("two");
    expect(await auditNow()).toMatchObject([
      {
        who: "boss",
        action: "propose",
        outcome: "done",
        reason: "two is better",
        message: "Rename the model",
        files: ["routes.yaml", "routes.test.yaml"],
      },
    ]);
  });

  test("is only looked into by a dry run", async () => {
    const { status, body } = await propose({ files: { "routes.yaml": file("two") }, dry_run: true });
    expect([status, body]).toMatchObject([
      200,
      { proposed: null, plan: { has_changes: true }, diagnostics: expect.any(Array) },
    ]);
    expect(rootText()).toBe(file("one"));
    expect(await auditNow()).toEqual([]);
  });

  test("is refused where the source has changed since it was begun", async () => {
    const { digest } = await (
      await fetch(`${gateway.url}/admin/api/config`, { headers: as(env.BOSS) })
    ).json();
    writeFileSync(join(directory, "routes.yaml"), file("three"));
    const begun = { files: { "routes.yaml": file("two") }, base_digest: digest };
    expect(await propose(begun)).toMatchObject({
      status: 409,
      body: { error: { code: "refused_by_state", message: expect.stringContaining("has changed since") } },
    });
    expect(rootText()).toBe(file("three"));
    writeFileSync(join(directory, "routes.yaml"), `# the same meaning\n${file("one")}`);
    expect((await propose(begun)).status).toBe(200);
  });

  test("adds the files that it includes, and none outside, whatever links stand there", async () => {
    const elsewhere = make();
    const including = file("one", "include: [teams/*.yaml]\n");
    const team = "aliases: { search-chat: one }\n";
    expect((await propose({ files: { "routes.yaml": including, "teams/search.yaml": team } })).status).toBe(
      200,
    );
    await isLive("search-chat");
    renameSync(join(directory, "teams"), join(elsewhere, "teams"));
    symlinkSync(join(elsewhere, "teams"), join(directory, "teams"));
    const outside = await propose({ files: { "teams/new.yaml": "aliases: { new-chat: one }\n" } });
    expect(outside.status).toBeGreaterThanOrEqual(400);
    expect(readdirSync(join(elsewhere, "teams"))).toEqual(["search.yaml"]);
  });

  test("goes through a link to the file that it leads to, and the link stays", async () => {
    mkdirSync(join(directory, "real"));
    renameSync(join(directory, "routes.yaml"), join(directory, "real/v1.yaml"));
    symlinkSync("real/v1.yaml", join(directory, "routes.yaml"));
    expect((await propose({ files: { "routes.yaml": file("two") } })).status).toBe(200);
    expect(lstatSync(join(directory, "routes.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, "real/v1.yaml"), "utf8")).toBe(file("two"));
    await isLive("two");
  });
});

describe("a change that cannot be taken", () => {
  beforeAll(start);
  afterAll(() => gateway.stop());

  test.each([
    ["what does not compile", { "routes.yaml": file("two", "modles: {}\n") }, "unknown_key"],
    ["what is no YAML", { "routes.yaml": "version: 1\nmodels: [\n" }, "yaml_syntax"],
    [
      "a secret in the file",
      { "routes.yaml": file("two").replace("env:WEB", "sk-in-the-open") },
      "literal_secret",
    ],
    [
      "what lacks its secret here",
      { "routes.yaml": file("two").replace("env:WEB", "env:NOT_SET") },
      "unset_reference",
    ],
    [
      "what fails its tests",
      {
        "routes.test.yaml":
          "version: 1\ntests: [{ name: n, send: { model: one, key: web }, expect: { status: 500 } }]\n",
      },
      "test_failed",
    ],
    [
      "an include that is not there",
      { "routes.yaml": file("two", "include: [teams.yaml]\n") },
      "bad_include",
    ],
  ] as const)("is refused with its diagnostics where it is %s", async (_, files, code) => {
    const { status, body } = await propose({ files });
    expect([status, body.error]).toMatchObject([400, { code: "invalid_request", param: "files" }]);
    const errors = body.diagnostics.filter(({ severity }: { severity: string }) => severity === "error");
    expect(errors.map((each: { code: string }) => each.code)).toContain(code);
    expect(JSON.stringify(body)).not.toContain("sk-in-the-open");
    expect(rootText()).toBe(file("one"));
    expect(readdirSync(directory).filter((name) => name.includes("test"))).toEqual([]);
    expect((await auditNow())[0]).toMatchObject({
      action: "propose",
      outcome: "refused",
      says: body.error.message,
    });
  });

  test.each([
    ["nothing", {}, "files", /1 to 100 texts/],
    ["a list", [], "files", /1 to 100 texts/],
    ["no text", { "routes.yaml": 7 }, 'files["routes.yaml"]', /a text/],
    ["half a letter", { "routes.yaml": "version: 1 # \ud800" }, 'files["routes.yaml"]', /a text/],
    ["a way out", { "../routes.yaml": file("two") }, "files", /no name of a file/],
    [
      "a stray file",
      { "routes.yaml": file("two"), "other.yaml": "version: 1\n" },
      "files",
      /neither the routing file/,
    ],
    [
      "the same twice",
      { "routes.yaml": file("two"), "./routes.yaml": file("two") },
      "files",
      /no name|twice/,
    ],
    ["no change", { "routes.yaml": file("one") }, "files", /changes nothing/],
  ] as const)("cannot be %s", async (_, files, param, message) => {
    const { status, body } = await propose({ files });
    expect([status, body.error]).toMatchObject([400, { param, message: expect.stringMatching(message) }]);
    expect(readdirSync(directory).filter((name) => !["data", "logs"].includes(name))).toEqual([
      "routes.yaml",
    ]);
  });

  test("is taken from administrators alone", async () => {
    const files = { "routes.yaml": file("two") };
    expect((await propose({ files }, env.WEB)).status).toBe(403);
    expect((await propose({ files }, "wrong")).status).toBe(401);
    expect(rootText()).toBe(file("one"));
  });
});
