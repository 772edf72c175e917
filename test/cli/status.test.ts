import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { run } from "../../src/cli/run.ts";
import { inColour } from "../../src/cli/shell.ts";
import { printStatus, span } from "../../src/cli/status/print.ts";
import { isTrouble } from "../../src/cli/status/told.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

const key = "admin-key-of-a-test";
const good = (name: string) => `version: 1
providers: { p: { kind: simulated }, q: { kind: simulated } }
models: { ${name}: { targets: [p/x, q/x] } }
`;

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(good("chat"), { env: { ADMIN_KEY: key } });
});
afterAll(() => gateway.stop());

/** Runs a command against the gateway. */
async function ask(args: readonly string[], env: Readonly<Record<string, string>> = { ADMIN_KEY: key }) {
  const kept = keptShell({ env: { PORT: String(gateway.server.port), ...env } });
  const code = await run(args, kept.shell);
  return { code, out: kept.out(), err: kept.err() };
}

describe("status", () => {
  test("is 0 while what serves is what the source says, and told to people and to programs", async () => {
    const pretty = await ask(["status"]);
    expect(pretty.code).toBe(0);
    expect(pretty.out).toMatch(/^active +1 {2}[0-9a-f]{8} {2}for \d+s$/m);
    expect(pretty.out).toMatch(/^drift +none$/m);
    expect(pretty.out).toMatch(/^boot +from the source$/m);
    const json = await ask(["status", "--json"]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({ active: { generation: 1 }, boot: { degraded: null } });
  });

  test("is 1 once the latest attempt was rejected, and says where and why", async () => {
    await gateway.write("version: 1\nmodles: {}\n");
    const pretty = await ask(["status"]);
    expect(pretty.code).toBe(1);
    expect(pretty.out).toMatch(/^attempted +2 {2}REJECTED at compiled \d+s ago$/m);
    expect(pretty.out).toMatch(/^ +\S*routes\.yaml:2:1 unknown_key: .*modles/m);
    expect(pretty.out).toMatch(/^boot +DEGRADED: the source was refused/m);
    expect((await ask(["status", "--json"])).code).toBe(1);
    await gateway.write(good("chat"));
    expect((await ask(["status"])).code).toBe(0);
  });

  test("is found by HOST and PORT, or where --server says", async () => {
    expect((await ask(["status"], { ADMIN_KEY: key, HOST: "0.0.0.0" })).code).toBe(0);
    expect((await ask(["status"], { ADMIN_KEY: key, HOST: "localhost" })).code).toBe(0);
    expect((await ask(["status", "--server", `${gateway.url}/`], { ADMIN_KEY: key, PORT: "1" })).code).toBe(
      0,
    );
    expect((await ask(["status"], { ADMIN_KEY: key, HOST: "::1", PORT: "1" })).err).toContain(
      "http://[::1]:1",
    );
  });

  test.each([
    [
      "where nobody listens",
      ["--server", "http://127.0.0.1:1"],
      {},
      69,
      /No gateway can be reached at http:\/\/127/,
    ],
    ["without a key", [], { ADMIN_KEY: "" }, 64, /answers 401: set ADMIN_KEY/],
    ["with a wrong key", [], { ADMIN_KEY: "wrong" }, 64, /answers 401: ADMIN_KEY is not one that it accepts/],
    ["at no address", ["--server", "gateway"], {}, 64, /"gateway" is no address/],
    ["with a password in the address", ["--server", "http://a:secret@127.0.0.1:1"], {}, 64, /is no address/],
  ] as const)("%s tells that on stderr", async (_, args, env, code, words) => {
    const told = await ask(["status", ...args], { ADMIN_KEY: key, ...env });
    expect([told.code, told.out]).toEqual([code, ""]);
    expect(told.err).toMatch(words);
    expect(told.err).not.toContain(key);
  });

  test("of something that is no gateway is unreachable", async () => {
    const other = Bun.serve({ port: 0, fetch: () => new Response("hello") });
    const told = await ask(["status", "--server", `http://127.0.0.1:${other.port}`]);
    expect([told.code, told.out]).toEqual([69, ""]);
    expect(told.err).toContain("not as a gateway of this version does");
    await other.stop(true);
  });
});

test("everything that can be said of a gateway is, in a line each, and steers no terminal", () => {
  const digest = "9f2c41d0".padEnd(64, "0");
  const now = Date.parse("2027-01-31T14:00:00Z");
  const status = {
    active: { generation: 40, digest, git_sha: "7be2d10aa", since: "2027-01-31T11:49:00Z" },
    attempted: {
      ...{ generation: 42, state: "quarantined", stage: "canary", digest, git_sha: "c44f0aa11" },
      ...{ reason: "errors\u001b[2J: 12 of 40", at: "2027-01-31T13:57:00Z", diagnostics: [] },
    },
    canary: {
      ...{ generation: 43, digest, share: 0.1, since: "2027-01-31T13:58:30Z" },
      arms: { stable: { requests: 900, error_rate: 0.0032 }, canary: { requests: 100, error_rate: null } },
    },
    quarantined: [{ digest, generation: 42, reason: "bad" }],
    sync: {
      state: "failing",
      reason: "network: git.example cannot be reached",
      last_success: "2027-01-31T13:59:38Z",
    },
    boot: { source: "last_known_good", degraded: "the source is quarantined" },
    pinned: { generation: 40, who: "boss", reason: "a freeze", at: "2027-01-31T13:00:00Z" },
    suspended: null,
    drift: [{ kind: "disabled", what: "provider p", reason: "slow", until: "2027-01-31T15:30:00Z" }],
  };
  const text = printStatus(status, now, (_, words) => words);
  expect(text.split("\n")).toEqual([
    "active       40  9f2c41d0  git 7be2d10a  for 2h 11m",
    "attempted    42  9f2c41d0  git c44f0aa1  QUARANTINED at canary 3m ago: errors[2J: 12 of 40",
    "canary       43  9f2c41d0  10 % of the clients for 1m 30s; canary 100 requests, stable 900 requests, 0.32 % errors",
    "drift        disabled provider p for 1h 30m more (slow)",
    "quarantined  9f2c41d0 (bad)",
    "pinned       generation 40, by boss (a freeze)",
    "sync         FAILING, last 22s ago: network: git.example cannot be reached",
    "boot         DEGRADED: the source is quarantined",
  ]);
  expect(printStatus(status, now, inColour)).toContain("\u001b[31mQUARANTINED\u001b[39m");
});

test.each([
  ["all is well", {}, false],
  ["the source was refused", { attempted: { state: "rejected" } }, true],
  ["the source is quarantined", { attempted: { state: "quarantined" } }, true],
  ["a pin holds the source back", { attempted: { state: "held" } }, false],
  ["the repository is not reached any more", { sync: { state: "failing" } }, true],
  ["the repository's history was rewritten", { sync: { state: "refused" } }, true],
  [
    "a start never heard the source",
    { attempted: null, boot: { degraded: "the source cannot be reached" } },
    true,
  ],
  ["people have suspended the source", { attempted: null, sync: { state: "idle" } }, false],
])("where %s, the probe says trouble: %j", (_, more, trouble) => {
  const well = { attempted: { state: "active" }, sync: { state: "ok" }, boot: { degraded: null } };
  expect(isTrouble({ ...well, ...more })).toBe(trouble);
});

test.each([
  [0, "0s"],
  [-5, "0s"],
  [59_999, "59s"],
  [3_600_000, "1h"],
  [90_061_000, "1d 1h"],
])("%d ms are %s", (ms, words) => {
  expect(span(ms)).toBe(words);
});
