import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseAddress, withoutUserinfo } from "../../../src/rollout/git/address.ts";
import { parsePath, parseRef } from "../../../src/rollout/git/ref.ts";
import { type Machine, readGitSettings } from "../../../src/rollout/git/settings.ts";
import { settingOf } from "../../../src/settings.ts";
import { hasGit } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { follow, type Given, look } from "./scene.ts";

setDefaultTimeout(20_000);

const everything: Machine = { read: () => new Uint8Array(), has: () => true };
const read = (set: Given, machine: Machine = everything) =>
  readGitSettings((name) => settingOf(name, set[name], {}), machine);
const errorOf = (set: Given, machine?: Machine) => {
  const settings = read(set, machine);
  return settings.ok ? "accepted" : settings.error;
};
const https = { GIT_SYNC_REPO: "https://git.example.com/acme/routes.git" };
const ssh = {
  GIT_SYNC_REPO: "git@git.example.com:acme/routes.git",
  GIT_SYNC_SSH_KEY: "/run/secrets/key",
  GIT_SYNC_KNOWN_HOSTS: "/run/secrets/hosts",
};

describe("GIT_SYNC_REPO", () => {
  test.each([
    ["https://github.com/acme/routes.git", "https", "github.com", null],
    ["https://[2001:db8::1]:8443/routes", "https", "[2001:db8::1]", 8443],
    ["http://127.0.0.1:3000/acme/routes.git", "http", "127.0.0.1", 3000],
    ["http://localhost/routes.git", "http", "localhost", null],
    ["http://[::1]:80/routes.git", "http", "[::1]", null],
    ["ssh://git@git.example.com:2222/acme/routes.git", "ssh", "git.example.com", 2222],
    ["ssh://git.example.com/~acme/routes", "ssh", "git.example.com", null],
    ["git@github.com:acme/routes.git", "ssh", "github.com", null],
    ["org-1.x@git.example.com:routes", "ssh", "git.example.com", null],
  ] as const)("%s", (text, scheme, host, port) => {
    expect(parseAddress(text)).toMatchObject({ ok: true, value: { scheme, host, port } });
  });

  test.each([
    ["http://git.example.com/routes.git", /over http/],
    ["http://127.0.0.1.nip.io/routes.git", /over http/],
    ["http://10.0.0.1/routes.git", /over http/],
    ["https://user:hunter2@git.example.com/routes.git", /GIT_SYNC_TOKEN_FILE/],
    ["https://ghp_hunter2@git.example.com/routes.git", /GIT_SYNC_TOKEN_FILE/],
    ["https://git.example.com/routes.git?token=hunter2", /query/],
    ["https://git.example.com/routes.git#hunter2", /fragment/],
    ["ssh://git:hunter2@git.example.com/routes.git", /password/],
    ["https://git.example.com/a b", /^an https/],
    ["https://git.example.com/\u0000", /^an https/],
    ["https://git.example.com/\u202e", /^an https/],
    ["https://", /^an https/],
    ["--upload-pack=touch canary", /^an https/],
    ["-oProxyCommand=touch canary", /^an https/],
    ["ssh://-oProxyCommand=touch/x", /^an https/],
    ["ssh://git@-oProxyCommand=touch/x", /^an https/],
    ["ssh://-oProxyCommand=x@host/x", /^an https/],
    ["git@-oProxyCommand=touch:x", /^an https/],
    ["-oProxyCommand=x@host:x", /^an https/],
    ["git@host:-x", /^an https/],
    ["git@host:$(touch canary)", /^an https/],
    ["git@host:x;touch canary", /^an https/],
    ["ssh://git@host/x`id`", /^an https/],
    ["ssh://git@host:0/x", /^an https/],
    ["ssh://git@host:99999/x", /^an https/],
    ["ssh://git@host", /^an https/],
    ["host:path", /^an https/],
    ["ext::sh -c touch% canary", /^an https/],
    ["ext::git@host:sh", /^an https/],
    ["fd::17/x", /^an https/],
    ["file:///srv/routes.git", /^an https/],
    ["/srv/routes.git", /^an https/],
    ["../routes.git", /^an https/],
    ["git://git.example.com/routes.git", /^an https/],
    ["ftp://git.example.com/routes.git", /^an https/],
    ["HTTPS::https://x", /^an https/],
  ])("not %s", (text, why) => {
    const address = parseAddress(text);
    expect(address.ok ? "accepted" : address.error).toMatch(why);
    const line = errorOf({ GIT_SYNC_REPO: text });
    expect(line).toStartWith("GIT_SYNC_REPO has to be ");
    expect(line).not.toContain("hunter2");
    expect(line).not.toContain("\n");
  });

  test("is never taken with a user and password in it", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(fc.constantFrom("https", "http", "ssh"), part, part, (scheme, user, password) => {
        expect(parseAddress(`${scheme}://${user}:${password}@localhost/x.git`).ok).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe("GIT_SYNC_REF and GIT_SYNC_PATH", () => {
  test.each([
    ["main", "refs/heads/main"],
    ["release/2.x", "refs/heads/release/2.x"],
    ["feature/a_b-c+d#1=@x", "refs/heads/feature/a_b-c+d#1=@x"],
    ["refs/heads/main", "refs/heads/main"],
    ["refs/tags/v1.2", "refs/tags/v1.2"],
  ])("take %s", (text, full) => {
    expect(parseRef(text)).toEqual({ ok: true, value: { full, shown: text } });
  });

  test.each([
    ...["", "-x", "--upload-pack=touch canary", "a..b", "a b", "a:b", "a~1", "a^", "a?", "a*", "a[b", "a\\b"],
    ...[
      "/a",
      "a/",
      "a//b",
      ".a",
      "a/.b",
      "a.",
      "a.lock",
      "a.lock/b",
      "@",
      "@{u}",
      "a@{1}",
      "a\nb",
      "a\u0000",
    ],
    ...["refs/pull/1/head", "refs/heads/", "refs/heads/-x", "refs/heads/refs/x", "main:refs/heads/x"],
  ])("refuse the ref %j", (text) => {
    expect(parseRef(text).ok).toBe(false);
  });

  test.each(["routes.yaml", "config/gateway/routes.yaml", "straße/ü.yml", "a b.yaml"])(
    "take the path %s",
    (text) => {
      expect(parsePath(text)).toEqual({ ok: true, value: text });
    },
  );

  test.each([
    "",
    "/etc/passwd",
    "../x",
    "a/../b",
    "./a",
    "a//b",
    "a/",
    "-x",
    "a\\b",
    "a\nb",
    "a\u0000",
    ":(top)x",
    ".git/config",
  ])("refuse the path %j", (text) => {
    expect(parsePath(text).ok).toBe(false);
  });

  test("are told by name", () => {
    expect(errorOf({ ...https, GIT_SYNC_REF: "-x" })).toMatch(/^GIT_SYNC_REF is "-x"; it has to be /);
    expect(errorOf({ ...https, GIT_SYNC_PATH: "../x" })).toMatch(/^GIT_SYNC_PATH is "..\/x"; it has to be /);
  });
});

describe("the rest of GIT_SYNC_*", () => {
  test("is nothing without a repository", () => {
    expect(read({ GIT_SYNC_REF: "-x", GIT_SYNC_CRON: "never" })).toEqual({ ok: true, value: null });
  });

  test("has its defaults", () => {
    expect(read(https)).toMatchObject({
      ok: true,
      value: {
        ref: { full: "refs/heads/main" },
        path: "routes.yaml",
        cron: "*/1 * * * *",
        tokenFile: null,
        webhookSecret: null,
        allowedSigners: null,
        allowRewrite: false,
      },
    });
  });

  test.each(["*/5 * * * *", "*/10 * * * * *", "0 3 * * MON-FRI", "@hourly"])(
    "takes the pattern %s",
    (cron) => {
      expect(errorOf({ ...https, GIT_SYNC_CRON: cron })).toBe("accepted");
    },
  );

  test.each(["often", "* * *", "61 * * * *", "0 0 30 2 *", "2027-01-01T00:00:00"])(
    "refuses the pattern %s",
    (cron) => {
      expect(errorOf({ ...https, GIT_SYNC_CRON: cron })).toMatch(
        /^GIT_SYNC_CRON is ".*"; it has to be a pattern/,
      );
    },
  );

  const without = (...lacking: readonly string[]): Machine => ({
    read: (path) => (lacking.includes(path) ? null : new Uint8Array()),
    has: (program) => !lacking.includes(program),
  });
  const openpgp: Machine = {
    read: () => new TextEncoder().encode("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    has: (program) => program !== "gpg",
  };
  const table: readonly (readonly [string, Given, Machine | undefined, RegExp])[] = [
    [
      "a token file that is not there",
      { ...https, GIT_SYNC_TOKEN_FILE: "/none" },
      without("/none"),
      /^GIT_SYNC_TOKEN_FILE is "\/none", which cannot be read/,
    ],
    [
      "signers that are not there",
      { ...https, GIT_SYNC_ALLOWED_SIGNERS: "/none" },
      without("/none"),
      /^GIT_SYNC_ALLOWED_SIGNERS is "\/none", which/,
    ],
    [
      "a key that is not there",
      { ...ssh, GIT_SYNC_SSH_KEY: "/none" },
      without("/none"),
      /^GIT_SYNC_SSH_KEY is/,
    ],
    ["ssh without a key", { ...ssh, GIT_SYNC_SSH_KEY: "" }, undefined, /^GIT_SYNC_SSH_KEY is not set/],
    [
      "ssh without host keys",
      { ...ssh, GIT_SYNC_KNOWN_HOSTS: "" },
      undefined,
      /^GIT_SYNC_KNOWN_HOSTS is not set/,
    ],
    [
      "a key's path that ssh would take apart",
      { ...ssh, GIT_SYNC_SSH_KEY: "/a b" },
      undefined,
      /^GIT_SYNC_SSH_KEY is "\/a b"; it has to be a path without/,
    ],
    ["no git", https, without("git"), /^GIT_SYNC_REPO is set, and the program git is not installed/],
    ["no ssh", ssh, without("ssh"), /^GIT_SYNC_REPO .*ssh is not installed/],
    [
      "no ssh-keygen",
      { ...https, GIT_SYNC_ALLOWED_SIGNERS: "/x" },
      without("ssh-keygen"),
      /^GIT_SYNC_ALLOWED_SIGNERS .*ssh-keygen is not installed/,
    ],
    [
      "no gpg",
      { ...https, GIT_SYNC_ALLOWED_SIGNERS: "/x" },
      openpgp,
      /^GIT_SYNC_ALLOWED_SIGNERS has OpenPGP keys .*gpg is not installed/,
    ],
    [
      "a rewrite that is neither true nor false",
      { ...https, GIT_SYNC_ALLOW_REWRITE: "yes" },
      undefined,
      /^GIT_SYNC_ALLOW_REWRITE is "yes"; it has to be true or false/,
    ],
  ];
  test.each(table)("refuses %s", (_, set, machine, line) => {
    expect(errorOf(set, machine)).toMatch(line);
  });

  test("shows the webhook's secret to nobody", () => {
    expect(Bun.inspect(read({ ...https, GIT_SYNC_WEBHOOK_SECRET: "hunter2" }))).not.toContain("hunter2");
  });
});

test.each([
  ["fatal: unable to access 'https://user:hunter2@h/x/': no", "fatal: unable to access 'https://h/x/': no"],
  ["ssh://git:hunter2@h/x", "ssh://h/x"],
  ["https://hunter2@h", "https://h"],
  ["mail ada@example.com", "mail ada@example.com"],
])("userinfo is taken out of %j", (text, clean) => {
  expect(withoutUserinfo(text)).toBe(clean);
});

describe.skipIf(!hasGit)("should a hostile value come through all the same", () => {
  const { make, remove } = directories();
  let directory = "";
  beforeAll(() => {
    directory = make();
  });
  afterAll(remove);
  const canary = () => join(directory, "canary");

  test.each([
    ["as a repository", (touch: string) => ({ url: `--upload-pack=${touch};` })],
    ["as another transport", (touch: string) => ({ url: `ext::sh -c ${touch.replaceAll(" ", "% ")}` })],
    [
      "as a host of ssh",
      (touch: string) => ({ url: `ssh://-oProxyCommand=${touch}/x`, scheme: "ssh" as const }),
    ],
    ["as a ref", (touch: string) => ({ full: `--upload-pack=${touch};` })],
  ])("%s, git runs nothing", async (_, hostile) => {
    const settings = read(https);
    if (!settings.ok || settings.value === null) throw new Error("no settings");
    const { address, ref } = settings.value;
    const {
      url = "http://127.0.0.1:1/x.git",
      scheme = "http",
      full = ref.full,
    } = {
      ...({} as { url?: string; scheme?: "ssh"; full?: string }),
      ...hostile(`touch ${canary()}`),
    };
    const source = follow(
      { url: https.GIT_SYNC_REPO },
      make(),
      {},
      {
        settings: { ...settings.value, address: { ...address, url, scheme }, ref: { ...ref, full } },
        deadlineMs: 5_000,
      },
    );
    expect(await look(source)).toBe("nothing");
    expect(source.sync().state).toBe("failing");
    expect(existsSync(canary())).toBe(false);
  });

  test("the canary would show it", async () => {
    const touch = `touch ${canary()};`;
    Bun.spawnSync(["git", "ls-remote", `--upload-pack=${touch}`, directory], { stderr: "ignore" });
    expect(existsSync(canary())).toBe(true);
  });
});
