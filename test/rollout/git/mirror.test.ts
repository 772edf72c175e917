import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
});

let repository: ServedRepository;
let directory = "";
let count = 0;
beforeEach(() => {
  repository = server.repository(`r${count++}.git`);
  directory = make();
});

const routes = (n: number) => `version: 1\n# ${n}\n`;

describe.skipIf(!hasGit)("our own copy", () => {
  const copy = () => join(directory, "git/repository.git");

  test("is private", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    await look(follow(repository, directory));
    const { mode } = await Bun.file(join(directory, "git")).stat();
    expect(mode & 0o777).toBe(0o700);
    expect(readdirSync(copy())).not.toContain("hooks");
  });

  const damages: readonly (readonly [string, () => void])[] = [
    ["a stale lock of the shallow file", () => writeFileSync(join(copy(), "shallow.lock"), "")],
    ["a stale lock of the ref", () => writeFileSync(join(copy(), "refs/switchyard/tip.lock"), "")],
    ["a missing HEAD", () => rmSync(join(copy(), "HEAD"))],
    ["a broken HEAD", () => writeFileSync(join(copy(), "HEAD"), "garbage")],
    ["a broken configuration", () => writeFileSync(join(copy(), "config"), "[garbage")],
    ["a broken ref", () => writeFileSync(join(copy(), "refs/switchyard/tip"), "garbage")],
    ["no objects", () => rmSync(join(copy(), "objects"), { recursive: true })],
    ["empty objects", () => objects().map((path) => truncateSync(path, 0))],
    ["a broken shallow file", () => writeFileSync(join(copy(), "shallow"), "garbage\n")],
  ];
  /** Makes loose objects of the copy's packs. */
  const unpack = () => {
    const packs = join(copy(), "objects/pack");
    for (const name of readdirSync(packs).filter((each) => each.endsWith(".pack"))) {
      const stdin = readFileSync(join(packs, name));
      rmSync(packs, { recursive: true });
      Bun.spawnSync(["git", `--git-dir=${copy()}`, "unpack-objects", "-q"], { stdin });
    }
  };
  const objects = () =>
    readdirSync(join(copy(), "objects"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        Bun.spawnSync(["chmod", "u+w", path]);
        return path;
      });

  test.each(damages)("is made anew after %s", async (_, damage) => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    await accept(source);
    damage();
    const sha = repository.commit({ "routes.yaml": routes(2) });
    expect([await look(source), source.sync().reason]).toMatchObject([{ sha }, null]);
    expect(readdirSync(join(directory, "git")).sort()).toEqual(["askpass", "home", "repository.git", "tmp"]);
  });

  test("is made anew where it lacks a file of a tip that it has", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    const before = await source.read({ force: false });
    if (before.kind !== "candidate") throw new Error("no candidate");
    unpack();
    const id = repository.git("rev-parse", "main:routes.yaml");
    rmSync(join(copy(), "objects", id.slice(0, 2), id.slice(2)));
    source.accepted(before.candidate.origin);
    expect(await source.read({ force: false })).toEqual(before);
  });

  test("that cannot be filled up because the remote fails is no reason to speak of a rewrite", async () => {
    const live = repository.commit({ "routes.yaml": routes(1) });
    const tip = repository.commit({ "routes.yaml": routes(2) });
    const source = follow(repository, directory, {}, { lastAccepted: { sha: live } });
    let fetches = 0;
    server.behave = ({ method }) => {
      if (method === "GET") fetches += 1;
      return fetches === 2 ? new Response("", { status: 500 }) : null;
    };
    expect(await look(source)).toBe("nothing");
    expect(source.sync()).toMatchObject({ state: "failing", reason: expect.stringMatching(/^network: /) });
    server.behave = null;
    expect(await look(source, true)).toMatchObject({ sha: tip });
  });

  test("is held to the history when it was made anew", async () => {
    const first = repository.commit({ "routes.yaml": routes(1) });
    repository.commit({ "routes.yaml": routes(2) });
    const source = follow(repository, directory);
    await accept(source);
    repository.commit({ "routes.yaml": routes(3) }, { parent: first });
    rmSync(join(copy(), "objects"), { recursive: true });
    expect(await look(source)).toBe("nothing");
    expect(source.sync()).toMatchObject({ state: "refused", reason: expect.stringContaining("descend") });
  });

  test("is cleared at a restart of what was left half done", async () => {
    const sha = repository.commit({ "routes.yaml": routes(1) });
    await look(follow(repository, directory));
    mkdirSync(join(directory, "git/fresh.git/objects"), { recursive: true });
    writeFileSync(join(copy(), "shallow.lock"), "");
    expect(await look(follow(repository, directory))).toMatchObject({ sha });
    expect(readdirSync(join(directory, "git")).sort()).toEqual(["askpass", "home", "repository.git", "tmp"]);
  });

  test("that cannot be made is told as lock, and tried again", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const root = join(directory, "git");
    writeFileSync(root, "in the way");
    const source = follow(repository, directory);
    expect(await look(source)).toBe("nothing");
    expect(source.sync()).toMatchObject({ state: "failing", reason: expect.stringMatching(/^lock: /) });
    expect(readFileSync(root, "utf8")).toBe("in the way");
    rmSync(root);
    expect(await look(source, true)).toMatchObject({ files: {} });
    expect(source.sync().state).toBe("ok");
  });

  test("is made anew where all of it is lost while the process runs", async () => {
    repository.commit({ "routes.yaml": routes(1) });
    const source = follow(repository, directory);
    await accept(source);
    rmSync(join(directory, "git"), { recursive: true });
    const sha = repository.commit({ "routes.yaml": routes(2) });
    expect(await look(source)).toMatchObject({ sha });
  });
});
