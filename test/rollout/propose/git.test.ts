import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, startGateway } from "../../support/gateway.ts";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";

setDefaultTimeout(20_000);

const { make, remove } = directories();
const env = { ADMIN_KEY: "admin-key-of-a-test", PATH: process.env["PATH"] ?? "" };
const token = "token-canary-51e0";
const routes = (model: string, more = "") => `version: 1
${more}providers: { p: { kind: simulated }, q: { kind: simulated } }
models: { ${model}: { targets: [p/x, q/x] } }
`;

describe.skipIf(!hasGit)("a change that is proposed to a repository", () => {
  const server = startGitServer();
  const told: string[] = [];
  const forge = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { state, context } = await request.json();
      const isOurs = request.headers.get("authorization") === `token ${token}`;
      told.push(`${new URL(request.url).pathname} ${context} ${state} ${isOurs}`);
      return new Response(null, { status: 201 });
    },
  });
  let repository: ServedRepository;
  let gateway: Running;
  let tip = "";
  beforeAll(async () => {
    const directory = make();
    const tokenFile = join(directory, "token");
    writeFileSync(tokenFile, token);
    repository = server.repository("routes.git");
    // Whoever has shown a token may push.
    repository.git("config", "http.receivepack", "true");
    tip = repository.commit({
      "config/routes.yaml": { executable: routes("one", "include: [teams/*.yaml]\n") },
      "config/teams/search.yaml": "aliases: { search-chat: one }\n",
      "README.md": "hands off\n",
    });
    server.token = token;
    const followed = ["--git-sync-repo", repository.url, "--git-sync-path", "config/routes.yaml"];
    const never = ["--git-sync-cron", "0 0 1 1 *", "--git-sync-token-file", tokenFile];
    const status = ["--git-sync-status", "gitea", "--git-sync-status-name", "switchyard/test"];
    const api = ["--git-sync-status-api", `http://127.0.0.1:${forge.port}/api`];
    gateway = await startGateway("", { directory, env, args: [...followed, ...never, ...status, ...api] });
  });
  afterAll(async () => {
    await gateway.stop();
    server.stop();
    await forge.stop(true);
    remove();
  });
  afterEach(() => {
    server.behave = null;
  });

  const bearer = { authorization: `Bearer ${env.ADMIN_KEY}` };
  const propose = async (files: Readonly<Record<string, string>>, more: object = {}) => {
    const response = await gateway.post("/admin/api/propose", { files, ...more }, bearer);
    return { status: response.status, body: await response.json() };
  };
  const inRepository = (...args: readonly string[]) => repository.git(...args).trim();
  const branches = () => inRepository("for-each-ref", "--format=%(refname:short)", "refs/heads");

  test("is pushed as a branch of one commit by whoever proposed it, and serves nobody before it is merged", async () => {
    const changed = `# with comments\n${routes("two", "include: [teams/*.yaml]\n")}`;
    const files = {
      "routes.yaml": changed,
      "teams/hr.yaml": "aliases: { hr-chat: two }\n",
      "teams/search.yaml": "aliases: { search-chat: two }\n",
    };
    const { status, body } = await propose(files, {
      message: "Rename the model\n\nNobody liked one.",
      reason: "two is better",
    });
    expect([status, body]).toMatchObject([
      200,
      { message: expect.stringContaining("open a pull request"), tests: null, plan: { has_changes: true } },
    ]);
    const { branch, commit, repo } = body.proposed;
    expect(repo).toBe(repository.url);
    expect(branch).toBe(`switchyard/propose-${commit.slice(0, 8)}`);
    expect(branches().split("\n").sort()).toEqual(["main", branch].sort());
    expect(inRepository("log", "--format=%H %P|%an <%ae>|%cn|%s|%b", "-1", branch)).toBe(
      `${commit} ${tip}|ADMIN_KEY <ADMIN_KEY@switchyard.invalid>|Switchyard|Rename the model|Nobody liked one.\n\nReason: two is better\nProposed-by: ADMIN_KEY, through the admin API of Switchyard`,
    );
    expect(
      inRepository("diff", "--raw", "--abbrev=4", tip, commit)
        .split("\n")
        .map((line) => line.split(/\s/).toSpliced(2, 2).join(" ")),
    ).toEqual([
      ":100755 100755 M config/routes.yaml",
      ":000000 100644 A config/teams/hr.yaml",
      ":100644 100644 M config/teams/search.yaml",
    ]);
    expect(`${inRepository("show", `${commit}:config/routes.yaml`)}\n`).toBe(changed);

    const status1 = await (await fetch(`${gateway.url}/admin/api/status`, { headers: bearer })).json();
    expect(status1).toMatchObject({ active: { generation: 1, git_sha: tip }, drift: [] });
    inRepository("update-ref", "refs/heads/main", commit);
    const synced = await gateway.post("/admin/api/sync", {}, bearer);
    expect(await synced.json()).toMatchObject({ status: { active: { generation: 2, git_sha: commit } } });
    tip = commit;
    await until(
      () => told.some((each) => each.includes(commit) && each.includes(" success ")),
      "the forge told",
    );
    expect(told.at(-1)).toBe(`/api/repos/routes/statuses/${commit} switchyard/test success true`);
  });

  test("is looked into and left at that by a dry run, and refused where it has mistakes", async () => {
    const before = branches();
    expect(await propose({ "config/routes.yaml": routes("three") }, { dry_run: true })).toMatchObject({
      status: 200,
      body: { proposed: null },
    });
    expect(await propose({ "routes.yaml": routes("three", "modles: {}\n") })).toMatchObject({
      status: 400,
      body: { error: { param: "files" }, diagnostics: [{ code: "unknown_key", file: "config/routes.yaml" }] },
    });
    expect((await propose({ "README.md": "mine\n" })).body.error.message).toContain(
      "neither the routing file",
    );
    expect((await propose({ "../README.md": "mine\n" })).status).toBe(400);
    expect(branches()).toBe(before);
  });

  test("may wait for its secrets until it is merged", async () => {
    const waiting = routes("four").replace(
      "q: { kind: simulated }",
      "q: { kind: openai, api_key: env:NOT_YET }",
    );
    const { status, body } = await propose({ "routes.yaml": waiting }, { dry_run: true });
    expect([status, body.proposed]).toEqual([200, null]);
  });

  test("says why where it cannot be pushed, or the repository not be reached, without any secret", async () => {
    server.behave = (request) =>
      request.url.includes("receive-pack") ? new Response(`no ${token}`, { status: 403 }) : null;
    const denied = await propose({ "routes.yaml": routes("five") });
    expect(denied).toMatchObject({
      status: 409,
      body: {
        error: { code: "refused_by_state", message: expect.stringMatching(/cannot be pushed: auth: /) },
      },
    });
    server.behave = () => new Response("down", { status: 503 });
    const down = await propose({ "routes.yaml": routes("five") });
    expect(down).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/^The repository cannot be used: network: /) } },
    });
    expect(JSON.stringify([denied.body, down.body])).not.toContain(token);
  });
});
