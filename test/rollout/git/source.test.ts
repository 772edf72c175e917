import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { accept, follow, look } from "./scene.ts";

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

describe.skipIf(!hasGit)("following a branch", () => {
  test("the first look takes its tip", async () => {
    const sha = repository.commit({ "routes.yaml": routes(1), "README.md": "x" });
    const source = follow(repository, directory);
    expect(source.sync()).toEqual({ state: "idle", reason: null, last_success: null });
    expect(await look(source)).toEqual({ sha, files: { "routes.yaml": routes(1) }, tests: null });
    expect(source.sync()).toEqual({ state: "ok", reason: null, last_success: expect.any(Number) });
  });

  test("each later look takes the new tip, whatever it says", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    await accept(source);
    const bad = repository.commit({ "routes.yaml": "bad: [" });
    expect(await look(source)).toMatchObject({ sha: bad, files: { "routes.yaml": "bad: [" } });
    const good = repository.commit({ "routes.yaml": routes(2) });
    expect(await look(source)).toMatchObject({ sha: good });
    expect(await accept(source)).toBe(good);
  });

  test("a commit that touches nothing of ours says the same, as of the commit before", async () => {
    const first = repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    const before = await source.read({ force: false });
    repository.commit({ "README.md": "x", "teams/a.yaml": "not included" });
    expect(await source.read({ force: false })).toEqual(before);
    expect(await look(source)).toMatchObject({ sha: first });
    expect(source.sync()).toMatchObject({ state: "ok", reason: null });
  });

  test("includes and tests come from the same commit, and changing one of them counts", async () => {
    const root = "version: 1\ninclude: [teams/*.yaml, more.yaml]\n";
    repository.commit({
      "conf/routes.yaml": root,
      "conf/teams/b.yaml": "b: 1",
      "conf/teams/a.yaml": { executable: "a: 1" },
      "conf/teams/a.txt": "no",
      "conf/more.yaml": "m: 1",
      "conf/routes.test.yaml": "t: 1",
      "routes.yaml": "elsewhere",
    });
    const source = follow(repository, directory, { GIT_SYNC_PATH: "conf/routes.yaml" });
    const files = {
      "conf/routes.yaml": root,
      "more.yaml": "m: 1",
      "teams/a.yaml": "a: 1",
      "teams/b.yaml": "b: 1",
    };
    expect(await look(source)).toMatchObject({ files, tests: "t: 1" });
    const second = repository.commit({ "conf/teams/b.yaml": "b: 2" });
    expect(await look(source)).toMatchObject({ sha: second, files: { ...files, "teams/b.yaml": "b: 2" } });
    const third = repository.commit({ "conf/routes.test.yaml": "t: 2" });
    expect(await look(source)).toMatchObject({ sha: third, tests: "t: 2" });
    repository.commit({ "conf/other.yaml": "o: 1" });
    expect(await look(source)).toMatchObject({ sha: third });
  });

  test("a tag and a branch with a slash can be followed", async () => {
    const tagged = repository.commit({ "routes.yaml": routes(1) });
    const branched = repository.commit({ "routes.yaml": routes(2) }, { branch: "release/1.x" });
    repository.git("update-ref", "refs/tags/v1", tagged);
    const tag = follow(repository, directory, { GIT_SYNC_REF: "refs/tags/v1" });
    expect(await look(tag)).toMatchObject({ sha: tagged });
    const branch = follow(repository, make(), { GIT_SYNC_REF: "release/1.x" });
    expect(await look(branch)).toMatchObject({ sha: branched });
  });

  test("a repository of SHA-256 hashes can be followed", async () => {
    const modern = server.repository("sha256.git", "--object-format=sha256");
    modern.commit({ "routes.yaml": routes(1) });
    const source = follow(modern, directory);
    expect(await accept(source)).toHaveLength(64);
    const sha = modern.commit({ "routes.yaml": routes(2) });
    expect(await look(source)).toMatchObject({ sha });
  });

  test("the origin names repository, ref, commit and author", async () => {
    const sha = repository.commit({ "routes.yaml": routes(1) });
    const reading = await follow(repository, directory).read({ force: false });
    expect(reading).toMatchObject({
      candidate: {
        origin: {
          kind: "git",
          repo: repository.url,
          ref: "main",
          sha,
          author: "Ada <ada@example.com>",
          signer: null,
        },
      },
    });
  });

  test("after a restart the copy is used again, and an untouched tip is the commit that went live", async () => {
    const live = repository.commit({ "routes.yaml": routes(1) });
    await accept(follow(repository, directory));
    repository.commit({ "README.md": "x" });
    const again = follow(repository, directory, {}, { lastAccepted: { sha: live } });
    expect(await look(again)).toMatchObject({ sha: live });
  });

  test("looks that overlap come one after the other", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    const looks = await Promise.all([look(source), look(source), look(source)]);
    expect(new Set(looks.map((each) => JSON.stringify(each))).size).toBe(1);
  });
});

describe.skipIf(!hasGit)("a rewritten history", () => {
  test("is refused and shown, and a descendant of what went live is taken later", async () => {
    const first = repository.commit({ "routes.yaml": routes(1) });
    const live = repository.commit({ "routes.yaml": routes(2) });
    const source = follow(repository, directory);
    expect(await accept(source)).toBe(live);
    const forced = repository.commit({ "routes.yaml": routes(3) }, { parent: first });
    expect(await look(source)).toBe("nothing");
    const { state, reason, last_success } = source.sync();
    expect(state).toBe("refused");
    expect(reason).toStartWith("verify: The tip ");
    for (const part of [forced.slice(0, 12), live.slice(0, 12), "descend", "GIT_SYNC_ALLOW_REWRITE"])
      expect(reason).toContain(part);
    expect(await look(source)).toBe("nothing");
    expect(source.sync()).toEqual({ state, reason, last_success });
    const descendant = repository.commit({ "routes.yaml": routes(4) }, { parent: live });
    expect(await look(source)).toMatchObject({ sha: descendant });
    expect(source.sync().state).toBe("ok");
  });

  test("is refused when it only goes back", async () => {
    const first = repository.commit({ "routes.yaml": routes(1) });
    repository.commit({ "routes.yaml": routes(2) });
    const source = follow(repository, directory);
    await accept(source);
    repository.git("update-ref", "refs/heads/main", first);
    expect(await look(source)).toBe("nothing");
    expect(source.sync().state).toBe("refused");
  });

  test("is taken when the setting says so", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory, { GIT_SYNC_ALLOW_REWRITE: "true" });
    await accept(source);
    const forced = repository.commit({ "routes.yaml": routes(2) }, { parent: null });
    expect(await look(source)).toMatchObject({ sha: forced });
  });

  test("is seen by what went live, not by what was refused", async () => {
    const live = repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    await accept(source);
    repository.commit({ "routes.yaml": "bad: [" });
    await look(source);
    const amended = repository.commit({ "routes.yaml": routes(2) }, { parent: live });
    expect(await look(source)).toMatchObject({ sha: amended });
  });

  test("is told from a long history by a copy that had to be made anew", async () => {
    const live = repository.commit({ "routes.yaml": routes(1) });
    repository.commit({ "README.md": "1" });
    const tip = repository.commit({ "routes.yaml": routes(2) });
    const lost = follow(repository, directory, {}, { lastAccepted: { sha: live } });
    expect(await look(lost)).toMatchObject({ sha: tip });

    const forced = repository.commit({ "routes.yaml": routes(3) }, { parent: live });
    const rewritten = follow(repository, make(), {}, { lastAccepted: { sha: tip } });
    expect(await look(rewritten)).toBe("nothing");
    expect(rewritten.sync().reason).toContain(forced.slice(0, 12));
  });

  test("binds nobody who now follows another repository or ref", async () => {
    const tip = repository.commit({ "routes.yaml": routes(1) });
    for (const elsewhere of [{ repo: "https://git.example.com/old.git" }, { ref: "old" }]) {
      const lastAccepted = { sha: "1".repeat(40), ...elsewhere };
      expect(await look(follow(repository, make(), {}, { lastAccepted }))).toMatchObject({ sha: tip });
    }
  });
});
