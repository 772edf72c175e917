import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { orders } from "../../src/cli/orders.ts";
import { run } from "../../src/cli/run.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const key = "admin-key-of-a-test";
const file = (name: string, more = "") => `version: 1
${more}auth: { keys: [{ id: web, secret: env:WEB }] }
providers: { p: { kind: simulated }, q: { kind: simulated } }
models: { ${name}: { targets: [p/x, q/x] } }
`;
const trial = "rollout: { canary: 10%, for: 10m }\n";

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(file("one"), { env: { ADMIN_KEY: key, WEB: "key-of-web" } });
});
afterAll(() => gateway.stop());

/** Runs a command against the gateway: its code, and what it said. */
async function give(...args: readonly string[]) {
  const kept = keptShell({ env: { PORT: String(gateway.server.port), ADMIN_KEY: key } });
  const code = await run(args, kept.shell);
  return [code, kept.out() + kept.err()] as const;
}
const says = (words: RegExp) => expect.stringMatching(words);

describe("orders to a running gateway", () => {
  test("go back, and no further than there is something good", async () => {
    await gateway.write(file("two"));
    expect(await give("rollback", "--reason", "two is bad")).toEqual([
      0,
      "Generation 1 serves again; 2 is quarantined.\n",
    ]);
    expect(await give("status")).toEqual([1, says(/QUARANTINED at active .*: two is bad/)]);
    expect(await give("rollback")).toEqual([5, "There is no earlier good generation.\n"]);
    expect(await give("rollback", "--to", "9")).toEqual([64, "Generation 9 is not kept.\n"]);
    expect(await give("rollback", "--to", "1")).toEqual([5, "Generation 1 is active already.\n"]);
    expect(await give("sync")).toEqual([5, says(/is quarantined \(two is bad\); --force lifts that/)]);
    expect(await give("sync", "--force")).toEqual([0, "The source was looked at: generation 3 is active.\n"]);
  });

  test("pin, and what is pinned is not rolled back", async () => {
    expect(await give("unpin")).toEqual([5, "Nothing is pinned.\n"]);
    expect(await give("pin", "--reason", "a freeze")).toEqual([0, "Generation 3 is pinned.\n"]);
    expect(await give("rollback", "--to", "1")).toEqual([5, "Generation 3 is pinned; unpin it first.\n"]);
    expect(await give("pin", "1")).toEqual([0, "Generation 1 is pinned.\n"]);
    expect(await give("status")).toEqual([
      0,
      says(/^pinned +generation 1, by ADMIN_KEY \(no reason given\)$/m),
    ]);
    expect(await give("unpin")).toEqual([0, says(/pin is gone/)]);
  });

  test("suspend the source, which then is looked at only by force", async () => {
    expect(await give("resume")).toEqual([5, "Nothing is suspended.\n"]);
    expect(await give("suspend", "--for", "2h", "--reason", "a freeze")).toEqual([0, says(/until \d{4}-/)]);
    expect(await give("sync")).toEqual([
      5,
      "The source is suspended; resume it, or look once with --force.\n",
    ]);
    expect((await give("sync", "--force"))[0]).toBe(0);
    expect(await give("status")).toEqual([
      0,
      says(/^drift +suspended the source for 1h 59m more \(a freeze\)$/m),
    ]);
    expect(await give("resume")).toEqual([0, "The source is looked at again.\n"]);
  });

  test("take something away and give it back", async () => {
    const asked = ["provider", "p"];
    expect(await give("disable", ...asked, "--for", "90m", "--reason", "slow")).toEqual([
      0,
      says(/^provider p is disabled until /),
    ]);
    expect(await give("status", "--json")).toEqual([0, says(/"what": "provider p"/)]);
    expect(await give("enable", ...asked)).toEqual([0, "provider p is enabled.\n"]);
    expect(await give("enable", ...asked)).toEqual([5, "provider p is not disabled.\n"]);
    expect(await give("disable", "provider", "pp")).toEqual([64, says(/"pp"\. Did you mean "p"\?/)]);
    expect(await give("disable", "planet", "p")).toEqual([
      64,
      says(/kind has to be provider, target, model, key/),
    ]);
  });

  test("end a canary either way", async () => {
    expect(await give("promote")).toEqual([5, "There is no canary to promote.\n"]);
    await gateway.write(file("judge", trial));
    await gateway.write(file("four", trial));
    expect(await give("status")).toEqual([
      0,
      says(/^canary +\d+ {2}\w{8} {2}10 % of the clients for .*canary 0 requests/m),
    ]);
    expect(await give("rollback", "--reason", "slow")).toEqual([
      0,
      says(/^The canary of generation \d+ is withdrawn/),
    ]);
    await gateway.write(file("five", trial));
    expect(await give("promote")).toEqual([0, says(/^Generation \d+ is active\.$/m)]);
  });

  test("look now, and fail where what the source says is refused", async () => {
    await gateway.write("version: 1\nmodels: [\n");
    expect(await give("sync")).toEqual([
      1,
      "The source was looked at: what it says was refused at compiled.\n",
    ]);
    const [code, out] = await give("sync", "--json");
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      { message: says(/refused/), status: { attempted: { state: "rejected" } } },
    ]);
    await gateway.write(file("one"));
  });

  test("are in the history, with what became of each generation", async () => {
    const [code, out] = await give("history");
    expect(code).toBe(0);
    expect(out).toMatch(/^GEN +STATE +DIGEST +FROM +AUTHOR +ACTIVE SINCE +REQUESTS +WHY$/m);
    expect(out).toMatch(/^2 +quarantined +[0-9a-f]{8} +routes\.yaml .* two is bad$/m);
    expect(out).toMatch(/^\d+ +rejected +routes\.yaml .* 1 error at compiled$/m);
    expect(out.trimEnd().split("\n").at(-1)).toStartWith("1 ");
    expect((await give("history", "--limit", "2"))[1].trimEnd().split("\n")).toHaveLength(3);
    const [, json] = await give("history", "--limit", "1", "--json");
    expect(JSON.parse(json)).toMatchObject({ generations: [{ source: "file" }] });
  });
});

test("a sync that does not reach the source fails", async () => {
  const status = { attempted: { state: "active" }, sync: { state: "failing" } };
  const other = Bun.serve({ port: 0, fetch: () => Response.json({ message: "Nothing was taken.", status }) });
  const server = `http://127.0.0.1:${other.port}`;
  expect(await give("sync", "--server", server)).toEqual([1, "Nothing was taken.\n"]);
  expect(await give("resume", "--server", server)).toEqual([0, "Nothing was taken.\n"]);
  await other.stop(true);
});

describe("wrong words", () => {
  test.each([
    [["pin", "two"], /"two" is no number of a generation/],
    [["rollback", "--to", "-1"], /"-1" is no number/],
    [["rollback", "--too", "1"], /does not know "--too"/],
    [["disable", "provider"], /Say what: a KIND/],
    [["enable"], /Say what: a KIND/],
    [["suspend", "--for", "2"], /for has to be a time/],
    [["unpin", "1"], /takes no words/],
    [["history", "--limit", "0"], /--limit has to be/],
  ] as const)("%j end with 64", async (args, words) => {
    expect(await give(...args)).toEqual([64, says(words)]);
  });

  test("are explained by --help", async () => {
    for (const name of Object.keys(orders)) {
      const [code, out] = await give(name, "--help");
      expect(code).toBe(0);
      for (const word of [name, "--reason TEXT", "--server URL", "--json"]) expect(out).toContain(word);
    }
  });
});
