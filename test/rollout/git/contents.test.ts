import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { contentsOf } from "../../../src/rollout/git/contents.ts";
import { openDen } from "../../../src/rollout/git/den.ts";
import { gitOf } from "../../../src/rollout/git/git.ts";
import { type Content, hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { follow, look, settingsOf } from "./scene.ts";

setDefaultTimeout(20_000);

const server = startGitServer();
const { make, remove } = directories();
afterAll(server.stop);
afterEach(remove);

let repository: ServedRepository;
let directory = "";
let count = 0;
beforeEach(() => {
  repository = server.repository(`r${count++}.git`);
  directory = make();
});

const routes = (n: number) => `version: 1\n# ${n}\n`;
const including = (...names: readonly string[]) => `version: 1\ninclude: ${JSON.stringify(names)}\n`;

describe.skipIf(!hasGit)("what stands in the place of a file", () => {
  const table: readonly (readonly [string, Readonly<Record<string, Content>>, RegExp])[] = [
    [
      "a symbolic link",
      { "c/routes.yaml": { link: "/etc/passwd" } },
      /^bad_include c\/routes.yaml .*is a link/,
    ],
    [
      "a submodule",
      { "c/routes.yaml": { submodule: "1".repeat(40) } },
      /^bad_include c\/routes.yaml .*submodule/,
    ],
    ["a directory", { "c/routes.yaml/x": "" }, /^bad_include c\/routes.yaml .*directory/],
    ["nothing", { "README.md": "" }, /^bad_include c\/routes.yaml .*no such path/],
    [
      "a link on the way",
      { c: { link: "d" }, "d/routes.yaml": routes(1) },
      /^bad_include c\/routes.yaml .*link stands/,
    ],
    [
      "a huge file",
      { "c/routes.yaml": "#".repeat(1024 ** 2 + 1) },
      /^file_too_large c\/routes.yaml .*1048577 bytes/,
    ],
    [
      "an include that is a link",
      { "c/routes.yaml": including("a.yaml"), "c/a.yaml": { link: "routes.yaml" } },
      /^bad_include c\/routes.yaml "a.yaml" is a link/,
    ],
    [
      "an include that is a submodule",
      { "c/routes.yaml": including("a/b.yaml"), "c/a/b.yaml": { submodule: "1".repeat(40) } },
      /^bad_include c\/routes.yaml "a\/b.yaml" is a submodule/,
    ],
    [
      "an include that is not there",
      { "c/routes.yaml": including("a.yaml") },
      /^bad_include c\/routes.yaml There is no file "a.yaml"/,
    ],
    [
      "an include from elsewhere",
      { "c/routes.yaml": including("../a.yaml"), "a.yaml": "" },
      /^bad_include c\/routes.yaml "..\/a.yaml" has .. in it/,
    ],
    [
      "tests that are a link",
      { "c/routes.yaml": routes(1), "c/routes.test.yaml": { link: "routes.yaml" } },
      /^bad_include c\/routes.test.yaml .*is a link/,
    ],
    [
      "includes that are huge together",
      { "c/routes.yaml": including("*.yml"), "c/a.yml": "#".repeat(600_000), "c/b.yml": "#".repeat(600_000) },
      /^file_too_large c\/routes.yaml .*together/,
    ],
  ];

  test.each(table)("%s is refused, and told", async (_, files, said) => {
    const sha = repository.commit(files);
    const git = gitOf({
      settings: settingsOf(repository),
      den: openDen(directory),
      environment: process.env,
      deadlineMs: 5_000,
    });
    const read = (args: readonly string[]) => git.local(repository.path, args);
    const contents = await contentsOf({ read }, sha, "c/routes.yaml");
    const diagnostics = contents.ok && contents.value.kind === "unreadable" ? contents.value.diagnostics : [];
    expect(diagnostics.map(({ code, file, message }) => `${code} ${file} ${message}`)).toEqual([
      expect.stringMatching(said),
    ]);
  });

  test("is refused as read of the commit", async () => {
    const sha = repository.commit({ "routes.yaml": { link: "/etc/passwd" } });
    const source = follow(repository, directory);
    const said = [expect.stringMatching(/^bad_include routes.yaml .*is a link/)];
    expect(await look(source)).toEqual({ refused: "read", sha, said });
    expect(source.sync().state).toBe("refused");
    expect(source.sync().reason).toStartWith(`not_found: The commit ${sha.slice(0, 12)} cannot be used.`);
  });

  test("is no reason not to take the next commit", async () => {
    repository.commit({ "routes.yaml": { link: "/etc/passwd" } });
    const source = follow(repository, directory);
    await look(source);
    const sha = repository.commit({ "routes.yaml": routes(2) });
    expect(await look(source)).toMatchObject({ sha });
    expect(source.sync().state).toBe("ok");
  });
});
