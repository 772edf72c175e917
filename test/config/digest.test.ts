// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { expect, test } from "bun:test";
import { base, snapshotOf } from "./helpers.ts";

const digest = (text: Parameters<typeof snapshotOf>[0], variables: Record<string, string> = {}) =>
  snapshotOf(text, { variables }).digest;

const auth = `auth:
  teams: { t: { models: [chat, "x*"], any_tag: [a, b] } }
  keys: [{ id: k1, secret: env:K1, team: t }, { id: k2, secret: env:K2 }]
`;

test.each([
  ["comments and empty lines", `# a comment\n\n${base}`],
  [
    "the order of keys",
    base.replace("{ kind: openai, api_key: env:ONE_KEY,", "{ api_key: env:ONE_KEY, kind: openai,"),
  ],
  [
    "the order of sections",
    `models:\n  chat: { targets: [one/a, two/b] }\n${base.split("models:\n  chat")[0]}`,
  ],
  [
    "defaults written out",
    `${base}logging: { interactions: metadata, keep: 14d }\ntimeouts: { total: 600s }\n`,
  ],
  ["another spelling of a reference", base.replace("env:ONE_KEY", '"${ONE_KEY}"')],
  ["another spelling of a target", base.replace("one/a", "{ provider: one, model: a, weight: 1 }")],
])("%s do not change it", (_, text) => {
  expect(digest(text)).toBe(digest(base));
  expect(digest(base)).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["the order of targets", base.replace("one/a, two/b", "two/b, one/a")],
  ["a weight", base.replace("one/a", "{ provider: one, model: a, weight: 2 }")],
  ["the name of a secret's variable", base.replace("env:ONE_KEY", "env:OTHER_KEY")],
  ["a price", base.replace("price: free", "price: { input: 1, output: 1 }")],
  ["a policy in use", `${base}failover: { default: { retries: 0 } }\n`],
  ["a rollout section", `${base}rollout: {}\n`],
])("%s changes it", (_, text) => {
  expect(digest(text)).not.toBe(digest(base));
});

test("the order of keys, tags and globs means nothing", () => {
  const turned = auth
    .replace('[chat, "x*"]', '["x*", chat]')
    .replace("[a, b]", "[b, a]")
    .replace(
      "[{ id: k1, secret: env:K1, team: t }, { id: k2, secret: env:K2 }]",
      "[{ id: k2, secret: env:K2 }, { team: t, id: k1, secret: env:K1 }]",
    );
  expect(turned).not.toBe(auth);
  expect(digest(base + turned)).toBe(digest(base + auth));
});

test("a file split by include is the same", () => {
  const [head = "", models = ""] = base.split("models:\n");
  expect(
    digest([
      ["routes.yaml", `${head}include: [a.yaml]\n`],
      ["a.yaml", `models:\n${models}`],
    ]),
  ).toBe(digest(base));
});

test("a variable in an open field counts by its value", () => {
  const text = base.replace("kind: openai,", 'kind: openai, headers: { x-org: "${ORG}" },');
  expect(digest(text, { ORG: "a" })).toBe(
    digest(base.replace("kind: openai,", "kind: openai, headers: { x-org: a },")),
  );
  expect(digest(text, { ORG: "a" })).not.toBe(digest(text, { ORG: "b" }));
});

test("both forms of a private service's login are the same, wherever they stand", () => {
  const inhouse = (login: string) =>
    digest(
      `${base.replace("models:\n", `  inhouse: { kind: request, base_url: "http://127.0.0.1:1", ${login} }\nmodels:\n`)}  own: { targets: [inhouse/x] }\n`,
    );
  const short = inhouse('auth_url: "http://127.0.0.1:2", password: env:P, username: env:U');
  expect(inhouse('login: { url: "http://127.0.0.1:2", body: { username: env:U, password: env:P } }')).toBe(
    short,
  );
  expect(
    inhouse('login: { url: "http://127.0.0.1:2", body: { username: env:U, password: env:Q } }'),
  ).not.toBe(short);
});
