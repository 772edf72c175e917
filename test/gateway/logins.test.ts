import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Secret } from "../../src/core/secret.ts";
import type { Login } from "../../src/domain/service.ts";
import { Logins } from "../../src/gateway/upstream/logins.ts";
import { Vault } from "../../src/gateway/upstream/vault.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { pooledTransport } from "../../src/runtime/http1/pooled.ts";
import { gate, until } from "../support/until.ts";
import { json, type Received, startUpstream } from "../support/upstream.ts";

let answer: (count: number, received: Received) => Response | Promise<Response>;
const auth = startUpstream((received, index) => answer(index - before + 1, received));
const transport = pooledTransport();
afterAll(async () => {
  transport.close();
  await auth.stop();
});

let before = 0;
let now = 0;
let logins: Logins;
const world = {
  transport,
  vault: new Vault({ U: "ops", P: "pa55word" }, "/nowhere"),
  clock: { ...systemClock, now: () => now },
};
const login: Login = {
  url: `${auth.url}/login`,
  body: { user: { kind: "env", name: "U" }, pass: { kind: "env", name: "P" }, realm: "eu" },
  token: null,
  expiresIn: null,
  cacheMs: 100_000,
};

beforeEach(() => {
  before = auth.requests.length;
  now = 1_800_000_000_000;
  logins = new Logins(world, 200);
  answer = (count) => json({ token: `t${count}` });
});

const count = () => auth.requests.length - before;
type Got = Awaited<ReturnType<Logins["token"]>>;
const shown = (got: Got) => (got.ok ? got.value.reveal() : `${got.error.kind}: ${got.error.message}`);
const token = async (of = login) => shown(await logins.token(of, 1_000));
async function held(): Promise<Secret> {
  const got = await logins.token(login, 1_000);
  if (!got.ok) throw new Error(got.error.message);
  return got.value;
}
const renewed = async (refused: Secret) => shown(await logins.renewed(login, refused, 1_000));

describe("a token", () => {
  test("is fetched with the fields of the file, as JSON", async () => {
    expect(await token()).toBe("t1");
    const [received] = auth.requests.slice(before);
    expect(received?.body).toEqual({ user: "ops", pass: "pa55word", realm: "eu" });
    expect(received?.headers.get("content-type")).toBe("application/json");
  });

  test("is fetched once, however many wait for it", async () => {
    const all = await Promise.all(Array.from({ length: 200 }, () => token()));
    expect([new Set(all), count()]).toEqual([new Set(["t1"]), 1]);
  });

  test("is kept to the end of its life, and no longer", async () => {
    await token();
    now += 89_999;
    expect([await token(), count()]).toEqual(["t1", 1]);
    now += 10_001;
    expect(await Promise.all([token(), token()])).toEqual(["t2", "t2"]);
    expect(count()).toBe(2);
  });

  test("is renewed in the last tenth of its life, while the old one serves", async () => {
    const { opened, open } = gate();
    answer = async (times) => {
      if (times > 1) await opened;
      return json({ token: `t${times}`, expires_in: 100 });
    };
    await token();
    now += 90_000;
    expect(await Promise.all([token(), token(), token()])).toEqual(["t1", "t1", "t1"]);
    await until(() => count() === 2, "a second login");
    open();
    await until(async () => (await token()) === "t2", "the second token");
    expect(count()).toBe(2);
  });

  test("serves on when its renewal fails, and is not renewed in a hurry", async () => {
    answer = (times) => (times === 1 ? json({ token: "t1" }) : json({}, 500));
    await token();
    now += 90_000;
    for (let asked = 0; asked < 5; asked++) {
      expect(await token()).toBe("t1");
      await until(() => count() === 2, "a failed login");
    }
    // The answer to that login is in, so another may begin after the pause alone.
    await until(async () => {
      now += 1_000;
      await token();
      return count() === 3;
    }, "another login");
    now = 1_800_000_000_000 + 100_000;
    expect(await token()).toBe("server: the login answered 500");
  });

  test("belongs to what it was fetched with, not to an object", async () => {
    expect(await token()).toBe("t1");
    const { user, pass, realm } = login.body;
    const again: Login = { ...login, body: { realm: realm ?? "", pass: pass ?? "", user: user ?? "" } };
    expect(await token(again)).toBe("t1");
    const others: readonly Login[] = [
      { ...login, url: `${auth.url}/other` },
      { ...login, cacheMs: 1 },
      { ...login, token: "/token" },
      { ...login, body: { ...login.body, realm: "us" } },
      { ...login, body: { ...login.body, user: { kind: "env", name: "P" } } },
    ];
    const tokens: string[] = [];
    for (const other of others) tokens.push(await token(other));
    expect(tokens).toEqual(["t2", "t3", "t4", "t5", "t6"]);
  });
});

describe("a token that was refused", () => {
  test("is replaced once, however many met the refusal", async () => {
    const first = await held();
    expect(await Promise.all(Array.from({ length: 50 }, () => renewed(first)))).toEqual(Array(50).fill("t2"));
    expect([await renewed(first), count()]).toEqual(["t2", 2]);
  });

  test("stays for a second when it was fresh, so that no refusal costs a login each", async () => {
    const first = await held();
    logins.refusedFresh(login, first);
    expect([await renewed(first), count()]).toEqual(["t1", 1]);
    now += 1_000;
    expect([await renewed(first), count()]).toEqual(["t2", 2]);
  });

  test("says nothing of its successor", async () => {
    const first = await held();
    await renewed(first);
    logins.refusedFresh(login, first);
    expect(await renewed(await held())).toBe("t3");
  });
});

describe("a login that fails", () => {
  test.each([
    [
      "is refused",
      () => json({ error: "bad password pa55word" }, 401),
      "auth: the login was refused with 401: bad password [secret]",
    ],
    ["is broken", () => new Response("boom", { status: 500 }), "server: the login answered 500: boom"],
    ["is a page", () => new Response("<html>Hi</html>"), "malformed: the answer of the login is not JSON"],
    [
      "has no token",
      () => json({ ok: true }),
      "malformed: the answer of the login has no token at any of the usual places",
    ],
    ["redirects", () => Response.redirect("http://127.0.0.1:1/"), "malformed: the login answered 302"],
    ["hangs", () => new Promise<Response>(() => {}), "network: the login failed: no answer within 0.2 s"],
  ])("because it %s says so, to all who wait, and tells no secret", async (_, does, message) => {
    answer = does;
    expect(await Promise.all([token(), token(), token()])).toEqual([message, message, message]);
    expect(count()).toBe(1);
  });

  test("because nobody is there says so", async () => {
    const gone = startUpstream();
    await gone.stop();
    expect(await token({ ...login, url: gone.url })).toBe(
      "network: the login failed: the connection was refused",
    );
  });

  test("for want of a secret names it", async () => {
    const body = { ...login.body, pass: { kind: "env", name: "GONE" } } as const;
    expect(await token({ ...login, body })).toBe("auth: env:GONE of the login is not set");
    expect(count()).toBe(0);
  });

  test("for now says how long", async () => {
    answer = () => json({}, 429, { "retry-after": "7" });
    expect(await logins.token(login, 1_000)).toMatchObject({
      ok: false,
      error: { kind: "rate_limited", retryAfterMs: 7_000, reached: false },
    });
    answer = () => json({}, 503, { "retry-after": "60" });
    now += 1_000;
    expect(await logins.token(login, 1_000)).toMatchObject({ ok: false, error: { retryAfterMs: null } });
  });

  test("is tried again after a second, and then serves", async () => {
    answer = (times) => (times === 1 ? json({}, 503) : json({ token: "t" }));
    expect(await token()).toBe("server: the login answered 503");
    now += 999;
    expect([await token(), count()]).toEqual(["server: the login answered 503", 1]);
    now += 1;
    expect([await token(), count()]).toEqual(["t", 2]);
  });

  test("by refusal is tried less and less often, so that no account is locked", async () => {
    answer = () => json({}, 401);
    const pauses: number[] = [];
    for (let tries = 1; tries <= 8; tries++) {
      await token();
      expect(count()).toBe(tries);
      const from = now;
      while (count() === tries && now - from < 40_000) {
        now += 500;
        await token();
      }
      pauses.push(now - from);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });
});
