import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type SettingName, settings } from "../../src/domain/settings.ts";
import { callOf, type Forge, readForge } from "../../src/rollout/forge.ts";
import { settingsOf } from "./git/scene.ts";

setDefaultTimeout(20_000);

const read = (repo: string, set: Partial<Record<SettingName, string>> = {}) => {
  const given: Partial<Record<SettingName, string>> = { GIT_SYNC_STATUS: "github", ...set };
  const get = (name: SettingName) => given[name] ?? settings[name].fallback ?? "";
  const git = settingsOf({ url: "https://github.com/acme/routes" });
  const host = /^(?:\w+:\/\/)?(?:[^@/]*@)?([^:/]+)/.exec(repo)?.[1] ?? "";
  return readForge(get, {
    ...git,
    tokenFile: "/run/secrets/token",
    address: { ...git.address, url: repo, host },
  });
};
const forgeOf = (repo: string, kind: Forge["kind"]): Forge => {
  const forge = read(repo, { GIT_SYNC_STATUS: kind });
  if (!forge.ok || forge.value === null) throw new Error("no forge");
  return forge.value;
};

describe("the API of a forge", () => {
  test.each([
    ["github", "https://github.com/acme/routes.git", "https://api.github.com/repos/acme/routes/statuses/abc"],
    ["github", "git@github.com:acme/routes.git", "https://api.github.com/repos/acme/routes/statuses/abc"],
    [
      "github",
      "https://git.corp.example/acme/routes",
      "https://git.corp.example/api/v3/repos/acme/routes/statuses/abc",
    ],
    [
      "gitlab",
      "https://gitlab.com/a/b/routes.git",
      "https://gitlab.com/api/v4/projects/a%2Fb%2Froutes/statuses/abc",
    ],
    [
      "gitlab",
      "ssh://git@gitlab.corp.example:2222/a/routes.git",
      "https://gitlab.corp.example/api/v4/projects/a%2Froutes/statuses/abc",
    ],
    [
      "gitea",
      "https://gitea.corp.example:3000/acme/routes.git",
      "https://gitea.corp.example:3000/api/v1/repos/acme/routes/statuses/abc",
    ],
  ] as const)("of %s for %s is at %s", (kind, repo, url) => {
    expect(callOf(forgeOf(repo, kind), "abc", { state: "success", says: "live" }, "t").url).toBe(url);
  });

  test.each([
    ["github", "pending", { authorization: "Bearer the-token" }, { context: "switchyard", state: "pending" }],
    ["github", "running", { authorization: "Bearer the-token" }, { context: "switchyard", state: "pending" }],
    ["github", "failure", { authorization: "Bearer the-token" }, { context: "switchyard", state: "failure" }],
    ["gitlab", "running", { "private-token": "the-token" }, { name: "switchyard", state: "running" }],
    ["gitlab", "failure", { "private-token": "the-token" }, { name: "switchyard", state: "failed" }],
    ["gitea", "success", { authorization: "token the-token" }, { context: "switchyard", state: "success" }],
  ] as const)("of %s is told %s in its own words", (kind, state, headers, body) => {
    const call = callOf(
      forgeOf("https://git.example/a/b", kind),
      "abc",
      { state, says: "as it\n is" },
      "the-token",
    );
    expect(call.headers).toMatchObject({ ...headers, "content-type": "application/json" });
    expect(call.body).toEqual({ ...body, description: "as it is" });
  });

  test("is told no more than its bound", () => {
    const call = callOf(
      forgeOf("https://git.example/a/b", "github"),
      "abc",
      { state: "failure", says: "x".repeat(999) },
      "t",
    );
    expect(call.body["description"]).toHaveLength(140);
  });

  test("may be elsewhere, under another name", () => {
    const forge = read("https://git.example/a/b", {
      GIT_SYNC_STATUS_API: "https://api.example/v9/",
      GIT_SYNC_STATUS_NAME: "switchyard/eu",
    });
    expect(forge).toMatchObject({
      ok: true,
      value: { api: "https://api.example/v9", name: "switchyard/eu", project: "a/b" },
    });
  });
});

describe("the settings of commit statuses", () => {
  test("are off at first", () => {
    expect(read("https://git.example/a/b", { GIT_SYNC_STATUS: "off" })).toEqual({ ok: true, value: null });
  });

  test.each([
    [
      { GIT_SYNC_STATUS: "bitbucket" },
      /^GIT_SYNC_STATUS is "bitbucket"; it has to be off, github, gitlab, gitea/,
    ],
    [{ GIT_SYNC_STATUS_NAME: "x".repeat(101) }, /^GIT_SYNC_STATUS_NAME is/],
    [{ GIT_SYNC_STATUS_API: "http://git.example" }, /^GIT_SYNC_STATUS_API has to be an https/],
    [{ GIT_SYNC_STATUS_API: "https://a:b@git.example" }, /^GIT_SYNC_STATUS_API has to be an https/],
  ] as const)("%j are wrong", (set, message) => {
    expect(read("https://git.example/a/b", set)).toEqual({
      ok: false,
      error: expect.stringMatching(message),
    });
  });

  test("need a repository and a token", () => {
    const get = (name: SettingName) =>
      name === "GIT_SYNC_STATUS" ? "gitea" : (settings[name].fallback ?? "");
    expect(readForge(get, null)).toEqual({
      ok: false,
      error: expect.stringContaining("GIT_SYNC_REPO is not"),
    });
    const git = settingsOf({ url: "https://git.example/a/b" });
    expect(readForge(get, git)).toEqual({
      ok: false,
      error: expect.stringContaining("GIT_SYNC_TOKEN_FILE is not"),
    });
  });
});
