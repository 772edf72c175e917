import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { accept, everythingIn, fileWith, follow, look, stoppedClock } from "./scene.ts";

setDefaultTimeout(20_000);

const server = startGitServer();
const { make, remove } = directories();
afterAll(server.stop);
afterEach(() => {
  remove();
  server.behave = null;
  server.token = null;
});

let repository: ServedRepository;
let directory = "";
let count = 0;
beforeEach(() => {
  repository = server.repository(`r${count++}.git`);
  directory = make();
});

const routes = (n: number) => `version: 1\n# ${n}\n`;
const token = "tok-canary-7d1f0a";

describe.skipIf(!hasGit)("credentials", () => {
  test("come from their file, under the user that forges expect", async () => {
    server.token = token;
    server.users.length = 0;
    const sha = repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory, {
      GIT_SYNC_TOKEN_FILE: fileWith(directory, "token", token),
    });
    expect(await look(source)).toMatchObject({ sha });
    expect(new Set(server.users)).toEqual(new Set(["x-access-token"]));
  });

  test("may name a user, and end in any kind of line end", async () => {
    server.token = "pa:ss word%$\"'";
    server.users.length = 0;
    const file = fileWith(directory, "token", `robot:${server.token}\r\nsecond line\n`);
    const sha = repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory, { GIT_SYNC_TOKEN_FILE: file });
    // The scene's server takes a password apart at its colons, as a forge does not.
    server.token = "pa";
    expect([await look(source), source.sync().reason]).toMatchObject([{ sha }, null]);
    expect(new Set(server.users)).toEqual(new Set(["robot"]));
  });

  test("are read anew at each look: a rotated token just works", async () => {
    server.token = "old";
    const file = fileWith(directory, "token", "old\n");
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory, { GIT_SYNC_TOKEN_FILE: file });
    await accept(source);
    server.token = "new";
    expect(await look(source, true)).toBe("nothing");
    expect(source.sync()).toMatchObject({ state: "failing", reason: expect.stringMatching(/^auth: /) });
    writeFileSync(file, "new\n");
    const sha = repository.commit({ "routes.yaml": routes(2) });
    expect(await look(source, true)).toMatchObject({ sha });
    expect(source.sync()).toMatchObject({ state: "ok", reason: null });
  });

  test("that are wrong, absent, empty or gone are told as auth, and never shown", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    server.token = "right";
    const file = fileWith(directory, "token", token);
    const source = follow(repository, directory, { GIT_SYNC_TOKEN_FILE: file });
    const reasons: (string | null)[] = [];
    const lookAt = async (each = source) => {
      expect(await look(each, true)).toBe("nothing");
      reasons.push(each.sync().reason);
    };
    await lookAt();
    writeFileSync(file, "\n");
    await lookAt();
    rmSync(file);
    await lookAt();
    await lookAt(follow(repository, make()));
    expect(reasons).toEqual([
      expect.stringMatching(/^auth: 127\.0\.0\.1 refuses the credentials.*Authentication failed/),
      "auth: The file of GIT_SYNC_TOKEN_FILE is empty.",
      "auth: The file of GIT_SYNC_TOKEN_FILE cannot be read.",
      expect.stringMatching(/^auth: /),
    ]);
    expect(JSON.stringify(reasons)).not.toContain(token);
  });

  test("cannot be handed over where no program may be run, and that is told", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    server.token = token;
    const file = fileWith(directory, "token", token);
    const source = follow(repository, directory, { GIT_SYNC_TOKEN_FILE: file });
    await look(source);
    chmodSync(join(directory, "git/askpass"), 0o600);
    await look(source, true);
    expect(source.sync().reason).toMatch(/^auth: The token cannot be handed to git.*noexec/);
  });

  test("are in no file but their own, whatever happens, and an echo of them is not shown", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    server.token = token;
    const secrets = make();
    const file = fileWith(secrets, "token", `${token}\n`);
    const source = follow(repository, directory, { GIT_SYNC_TOKEN_FILE: file });
    await accept(source);
    server.behave = () => new Response(`your token ${token} is odd`, { status: 500 });
    await look(source, true);
    const { reason } = source.sync();
    const said = `ERR ${token} is not welcome here`;
    const packet = `${(said.length + 4).toString(16).padStart(4, "0")}${said}`;
    server.behave = () =>
      new Response(`001e# service=git-upload-pack\n0000${packet}`, {
        headers: { "content-type": "application/x-git-upload-pack-advertisement" },
      });
    await look(source, true);
    expect(`${reason} ${source.sync().reason}`).not.toContain(token);
    expect(source.sync().reason).toContain("remote error: [secret] is not welcome here");
    expect(everythingIn(directory)).not.toContain(token);
  });
});

describe.skipIf(!hasGit)("a remote that fails", () => {
  const reasonAfterLook = async (source: ReturnType<typeof follow>) => {
    expect(await look(source, true)).toBe("nothing");
    expect(source.sync().state).toBe("failing");
    return source.sync().reason;
  };

  test("by being down is network, and what is known stays", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const other = startGitServer();
    const there = other.repository("r.git");
    const sha = there.commit({ "routes.yaml": routes(1) });
    const source = follow(there, directory);
    await accept(source);
    const { last_success } = source.sync();
    other.stop();
    expect(await reasonAfterLook(source)).toStartWith("network: 127.0.0.1 cannot be reached");
    expect(source.sync().last_success).toBe(last_success);
    expect(sha).toHaveLength(40);
  });

  test("by silence is timeout, at the deadline", async () => {
    server.behave = () => new Promise(() => {});
    const source = follow(repository, directory, {}, { deadlineMs: 250 });
    const started = performance.now();
    expect(await reasonAfterLook(source)).toBe("timeout: 127.0.0.1 gave no answer within 0.25 s.");
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test.each([
    ["a repository that is not there", "/none.git", {}, /^not_found: There is no such repository/],
    ["a ref that is not there", null, { GIT_SYNC_REF: "gone" }, /^not_found: .*refs\/heads\/gone/],
  ] as const)("by %s is not_found", async (_, path, set, reason) => {
    repository.commit({ "routes.yaml": routes(1) });
    const at = path === null ? repository : { url: `http://127.0.0.1:${server.port}${path}` };
    expect(await reasonAfterLook(follow(at, directory, set))).toMatch(reason);
  });

  test.each([
    [301, /^not_found: .*redirect/],
    [403, /^auth: /],
    [500, /^network: /],
  ])("by status %d", async (status, reason) => {
    const location = `http://127.0.0.1:${server.port}/elsewhere.git/info/refs?service=git-upload-pack`;
    let followed = false;
    server.behave = (request) => {
      if (request.url.includes("elsewhere")) followed = true;
      return new Response("", { status, headers: { location } });
    };
    expect(await reasonAfterLook(follow(repository, directory))).toMatch(reason);
    expect(followed).toBe(false);
  });

  test("is not asked again during the pause after it, unless by force or a webhook", async () => {
    const clock = stoppedClock();
    repository.commit({ "routes.yaml": routes(1) });
    server.behave = () => new Response("", { status: 500 });
    const source = follow(repository, directory, {}, { clock, chance: () => 0.999 });
    await look(source);
    const asked = () => server.requests.splice(0).length;
    expect(asked()).toBeGreaterThan(0);
    clock.advance(4_000);
    expect(await look(source)).toBe("nothing");
    expect(asked()).toBe(0);
    clock.advance(1_000);
    await look(source);
    expect(asked()).toBeGreaterThan(0);
    await look(source, true);
    expect(asked()).toBeGreaterThan(0);
    server.behave = null;
    source.hurry();
    expect(await look(source)).toMatchObject({ files: {} });
    expect(source.sync().state).toBe("ok");
  });

  test("is counted by class, and in a row; a refused tip once", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    server.behave = () => new Response("", { status: 500 });
    await look(source, true);
    server.token = "asked for";
    server.behave = null;
    await look(source, true);
    const none = { auth: 0, not_found: 0, network: 0, lock: 0, host_key: 0, verify: 0, timeout: 0 };
    expect(source.failures()).toEqual({ consecutive: 2, byClass: { ...none, network: 1, auth: 1 } });
    server.token = null;
    await accept(source);
    repository.commit({ "routes.yaml": routes(2) }, { parent: null });
    await look(source);
    await look(source);
    expect(source.failures()).toEqual({
      consecutive: 0,
      byClass: { ...none, network: 1, auth: 1, verify: 1 },
    });
  });
});
