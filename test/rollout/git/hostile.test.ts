import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { follow, look } from "./scene.ts";

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

describe("a repository that would make git run something", () => {
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
    const evil = `[core]\n\tfsmonitor = touch ${canary}\n[credential]\n\thelper = "!touch ${canary};"\n[uploadpack]\n\tpackObjectsHook = touch ${canary}\n`;
    writeFileSync(join(home, ".gitconfig"), evil);
    repository.commit({ "routes.yaml": routes(1) });
    server.token = "asked for";
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
    await look(source);
    expect(source.sync().reason).toStartWith("auth: ");
    server.token = null;
    expect(existsSync(canary)).toBe(false);
  });
});
