import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { fileWith, follow, look } from "./scene.ts";

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

describe.skipIf(!hasGit)("a repository that would make git run something", () => {
  test("gets nothing run: not by attributes, filters, hooks, submodules or a configuration", async () => {
    const canary = join(directory, "canary");
    const sha = repository.commit({
      "routes.yaml": routes(1),
      ".gitattributes": "* filter=evil diff=evil\n",
      ".gitmodules": `[submodule "x"]\n path = x\n url = ext::sh -c touch% ${canary}\n`,
      ".gitconfig": `[filter "evil"]\n smudge = touch ${canary}\n`,
      "hooks/post-checkout": { executable: `#!/bin/sh\ntouch ${canary}\n` },
      x: { submodule: "1".repeat(40) },
    });
    expect(await look(follow(repository, directory))).toMatchObject({ sha });
    expect(existsSync(canary)).toBe(false);
  });

  test("is not taken when git knows its objects for an attack", async () => {
    const canary = join(directory, "canary");
    repository.commit({
      "routes.yaml": routes(1),
      ".gitmodules": `[submodule "x"]\n path = x\n url = https://example.com\n update = !touch ${canary}\n`,
    });
    const source = follow(repository, directory);
    expect(await look(source)).toBe("nothing");
    expect(source.sync().reason).toMatch(/^verify: What 127.0.0.1 sends is not well formed/);
    expect(existsSync(canary)).toBe(false);
  });

  test("gets no file of the machine's configuration read", async () => {
    const canary = join(directory, "canary");
    const home = make();
    const evil = `[core]\n\tfsmonitor = touch ${canary}\n[credential]\n\thelper = "!touch ${canary};"\n[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n`;
    writeFileSync(join(home, ".gitconfig"), evil);
    repository.commit({ "routes.yaml": routes(1) });
    const environment = {
      ...process.env,
      HOME: home,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "credential.helper",
      GIT_CONFIG_VALUE_0: `!touch ${canary};`,
      GIT_SSH_COMMAND: `touch ${canary}`,
      GIT_ASKPASS: `touch ${canary}`,
      GIT_TRACE: canary,
    };
    const source = follow(repository, directory, {}, { environment });
    expect(await look(source)).toMatchObject({ files: {} });
    server.token = "asked for";
    await look(source);
    expect(source.sync().reason).toStartWith("auth: ");
    server.token = null;
    expect(existsSync(canary)).toBe(false);
  });
});

test.skipIf(!hasGit)(
  "git is given the arguments and the environment that were measured, and nothing else",
  async () => {
    const bin = make();
    const said = join(bin, "said");
    const fake = `#!/bin/sh\n{ for word in "$@"; do echo "$word"; done; env | grep -v ^PWD=; echo; } >> ${said}\nexit 1\n`;
    chmodSync(fileWith(bin, "git", fake), 0o755);
    const token = fileWith(bin, "token", "tok-canary");
    const given = { GIT_SYNC_TOKEN_FILE: token };
    const PATH = `${bin}:${process.env["PATH"]}`;
    const environment = {
      PATH,
      HOME: "/root",
      SSH_AUTH_SOCK: "/agent",
      https_proxy: "http://proxy",
      AWS_KEY: "x",
    };
    const source = follow({ url: "https://git.example.com/r.git" }, directory, given, { environment });
    // The fake one makes nothing that a fetch could go into.
    mkdirSync(join(directory, "git/repository.git"), { recursive: true });
    writeFileSync(join(directory, "git/repository.git/HEAD"), "");
    await look(source);
    const words = readFileSync(said, "utf8").split("\n\n")[0]?.split("\n") ?? [];
    const end = words.indexOf("+refs/heads/main:refs/switchyard/tip");
    expect(words.slice(words.indexOf("fetch"), end + 1)).toEqual([
      ...["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"],
      ...["--end-of-options", "https://git.example.com/r.git", "+refs/heads/main:refs/switchyard/tip"],
    ]);
    expect(words.slice(0, end)).toEqual(
      expect.arrayContaining([
        ...[
          "core.hooksPath=/dev/null",
          "core.fsmonitor=false",
          "credential.helper=",
          "submodule.recurse=false",
        ],
        ...["protocol.allow=never", "protocol.https.allow=always", "http.followRedirects=false"],
        ...["http.lowSpeedLimit=1000", "http.lowSpeedTime=10"],
      ]),
    );
    const root = join(directory, "git");
    expect(words.slice(end + 1).sort()).toEqual(
      [
        `GIT_ASKPASS=${root}/askpass`,
        "GIT_ALLOW_PROTOCOL=https",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_NO_LAZY_FETCH=1",
        "GIT_NO_REPLACE_OBJECTS=1",
        "GIT_PROTOCOL_FROM_USER=0",
        "GIT_TERMINAL_PROMPT=0",
        `HOME=${root}/home`,
        "LC_ALL=C",
        `PATH=${PATH}`,
        `SWITCHYARD_GIT_TOKEN_FILE=${token}`,
        `TMPDIR=${root}/tmp`,
        `XDG_CONFIG_HOME=${root}/home`,
        "https_proxy=http://proxy",
      ].sort(),
    );
  },
);
