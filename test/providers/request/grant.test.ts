import { describe, expect, test } from "bun:test";
import type { Login } from "../../../src/domain/service.ts";
import { readGrant, refusedLogin } from "../../../src/providers/request/grant.ts";

const now = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const login: Login = { url: "http://127.0.0.1:1", body: {}, token: null, expiresIn: null, cacheMs: 8 * hour };
const tokenIn = (body: unknown, more: Partial<Login> = {}) => {
  const grant = readGrant(body, { ...login, ...more }, now);
  return grant.ok ? grant.value.token.reveal() : grant.error;
};
const lifeIn = (body: unknown, more: Partial<Login> = {}) => {
  const grant = readGrant(body, { ...login, ...more }, now);
  return grant.ok ? grant.value.livesMs : null;
};

describe("a token", () => {
  test.each([
    [{ access_token: "t" }],
    [{ token: "t" }],
    [{ data: { access_token: "t" } }],
    [{ data: { token: "t" } }],
    [{ id_token: "t" }],
    [{ data: "t" }],
    ["t"],
    [{ access_token: null, token: " Bearer t\n" }],
    [{ id_token: "other", access_token: "t" }],
  ])("is found in %p", (body: unknown) => expect(tokenIn(body)).toBe("t"));

  test("is where the file says and nowhere else", () => {
    expect(tokenIn({ a: [{ b: "t" }], token: "other" }, { token: "/a/0/b" })).toBe("t");
    expect(tokenIn({ token: "t" }, { token: "/a" })).toBe("the answer of the login has no token at /a");
  });

  test.each([[{}], [{ token: "" }], [{ token: 7 }], [{ token: "a\nb" }], [null], [["t"]]])(
    "is not in %p",
    (body: unknown) =>
      expect(tokenIn(body)).toBe("the answer of the login has no token at any of the usual places"),
  );
});

describe("a token's life", () => {
  test.each([
    [{}, 8 * hour],
    [{ expires_in: 3_600 }, hour],
    [{ expires_in: "3600" }, hour],
    [{ expires_in: 0.5 }, 500],
    [{ expires_in: 86_400 }, 8 * hour],
    [{ data: { expires_in: 60 } }, 60_000],
    [{ expires_at: (now + hour) / 1_000 }, hour],
    [{ expires_at: now + hour }, hour],
    [{ expiresAt: "2026-11-21T13:00:00Z" }, hour],
    [{ expires_in: 0 }, 8 * hour],
    [{ expires_in: -5 }, 8 * hour],
    [{ expires_in: "soon" }, 8 * hour],
    [{ expires_at: "2020-01-01T00:00:00Z" }, 8 * hour],
  ])("is, given %p, %p ms", (more: object, ms) => expect(lifeIn({ token: "t", ...more })).toBe(ms));

  test("is read where the file says, and is no longer than it says", () => {
    const body = { token: "t", ttl: { s: 7_200 }, expires_in: 1 };
    expect(lifeIn(body, { expiresIn: "/ttl/s" })).toBe(2 * hour);
    expect(lifeIn(body, { expiresIn: "/ttl/s", cacheMs: 1_000 })).toBe(1_000);
    expect(lifeIn(body, { expiresIn: "/missing" })).toBe(8 * hour);
  });
});

test.each([
  [401, '{"error":"invalid_grant"}', "auth", "the login was refused with 401: invalid_grant"],
  [403, "", "auth", "the login was refused with 403"],
  [400, '{"message":"bad password"}', "auth", "the login was refused with 400: bad password"],
  [404, "<title>Not Found</title>", "auth", "the login was refused with 404: Not Found"],
  [429, "", "rate_limited", "the login answered 429"],
  [500, "boom", "server", "the login answered 500: boom"],
  [503, "", "server", "the login answered 503"],
  [504, "", "server", "the login answered 504"],
  [302, "", "malformed", "the login answered 302"],
])("a login answered with %p is never the client's fault: %s %s", (status, body, kind, message) => {
  expect(refusedLogin(status, body)).toMatchObject({ kind, message, status: null, reached: false });
});
