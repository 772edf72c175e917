import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { completion, json, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

const limits = ["rpm", "tpm", "rpd", "tpr", "concurrency"] as const;
const scopes = ["key", "team", "provider", "api_key", "upstream_model", "target"] as const;
type Row = { readonly scope: (typeof scopes)[number]; readonly limit: (typeof limits)[number] };
const rows: readonly Row[] = scopes.flatMap((scope) => limits.map((limit) => ({ scope, limit })));

const room = 7;
const crowd = 200;
/** Tokens of one request: one of text, the rest its max_tokens. */
const size = 100;

const idOf = ({ scope, limit }: Row) => `${scope}-${limit}`;
const variableOf = (row: Row) => `KEY_${idOf(row).replaceAll("-", "_")}`;
/** The rule of a row, `times` as wide; marked so that its line can be found. */
const ruleOf = (row: Row, times: number) => {
  const of = { tpm: room * size * times, tpr: size - 1 }[row.limit as string] ?? room * times;
  return `limits:\n        ${row.limit}: ${of} # the rule ${idOf(row)}`;
};
/** What the message calls the scope, and by which name. */
const whose = (row: Row): string =>
  ({
    key: `key "k-${idOf(row)}"`,
    team: `team "t-${idOf(row)}"`,
    provider: `provider "p-${idOf(row)}"`,
    api_key: `API key "p-${idOf(row)}/main"`,
    upstream_model: `upstream model "p-${idOf(row)}/up"`,
    target: `target "m-${idOf(row)}→p-${idOf(row)}/up"`,
  })[row.scope];

/** A key, a team, a provider and a model for each row, with its limit in one place. */
function fileWith(url: string, times: number): string {
  const at = (row: Row, scope: Row["scope"]) => (row.scope === scope ? ruleOf(row, times) : "labels: {}");
  const map = (build: (row: Row) => string) => rows.map(build).join("\n");
  const place = (row: Row, scope: Row["scope"]) =>
    row.scope === scope ? ruleOf(row, times) : "enabled: true";
  return `version: 1
auth:
  teams:
${map((row) => `    t-${idOf(row)}:\n      ${row.scope === "team" ? ruleOf(row, times) : "models: ['*']"}`)}
  keys:
${map((row) => `    - id: k-${idOf(row)}\n      secret: env:${variableOf(row)}\n      team: t-${idOf(row)}\n      ${at(row, "key")}`)}
providers:
${map(
  (row) => `  p-${idOf(row)}:
      kind: openai
      base_url: "${url}"
      api_key:
      - id: main
        key: env:UPSTREAM
        ${row.scope === "api_key" ? ruleOf(row, times).replace("\n", "\n  ") : ""}
      ${place(row, "provider")}
      models:
        up:
          ${row.scope === "upstream_model" ? ruleOf(row, times).replace("\n", "\n    ") : "context: 128k"}`,
)}
models:
${map(
  (row) => `  m-${idOf(row)}:
    targets:
    - provider: p-${idOf(row)}
      model: up
      ${place(row, "target")}`,
)}
`;
}

let upstream: Upstream;
let gateway: Running;
let doors = gate();

beforeAll(async () => {
  // Without usage a reservation stays as booked, which keeps the counts of tpm exact.
  upstream = startUpstream(async () => {
    await doors.opened;
    return json({ ...completion("Hello there."), usage: undefined });
  });
  const env = {
    UPSTREAM: "sk-upstream",
    ...Object.fromEntries(rows.map((row) => [variableOf(row), secretOf(row)])),
  };
  gateway = await startGateway(fileWith(upstream.url, 1), { env });
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const secretOf = (row: Row) => `secret-${idOf(row)}`;
const ask = (row: Row) =>
  gateway.post("/v1/chat/completions", chat(`m-${idOf(row)}`, { max_tokens: size - 1 }), {
    authorization: `Bearer ${secretOf(row)}`,
  });

/** Asks `count` times at once; whoever is let in is answered only when everyone else was refused. */
async function rush(row: Row, count: number, lets: number): Promise<readonly Response[]> {
  doors = gate();
  const refused: Response[] = [];
  const all = Array.from({ length: count }, async () => {
    const response = await ask(row);
    if (response.status !== 200) refused.push(response);
    return response;
  });
  await until(() => refused.length >= count - lets, `${count - lets} refusals of ${idOf(row)}`);
  doors.open();
  const done = await Promise.all(all);
  return done.filter(({ status }) => status !== 200);
}

describe("200 requests at once", () => {
  test.each(rows)("get $scope $limit exactly as far as it goes", async (row) => {
    const lets = row.limit === "tpr" ? 0 : room;
    const before = upstream.requests.length;
    const refused = await rush(row, crowd, lets);
    expect(refused).toHaveLength(crowd - lets);
    expect(upstream.requests.length - before).toBe(lets);

    const line =
      fileWith(upstream.url, 1)
        .split("\n")
        .findIndex((text) => text.endsWith(`# the rule ${idOf(row)}`)) + 1;
    const of = row.limit === "tpm" ? room * size : row.limit === "tpr" ? size - 1 : room;
    for (const response of refused) {
      const { error } = await response.json();
      expect(response.status).toBe(429);
      expect(error).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error", param: null });
      expect(error.message.toLowerCase()).toContain(whose(row).toLowerCase());
      expect(error.message).toContain(` ${row.limit === "tpr" ? "(tpr)" : row.limit} `);
      expect(error.message).toContain(String(of));
      expect(error.message).toContain(`routes.yaml:${line}:`);
      expect(response.headers.get("x-gateway-attempts")).toBe("0");
    }
  });

  test.each(rows)("are told by $scope $limit when to come back", async (row) => {
    if (row.limit === "concurrency") doors = gate();
    const held = row.limit === "concurrency" ? Array.from({ length: room }, () => ask(row)) : [];
    const before = upstream.requests.length;
    await until(
      () => upstream.requests.length - before === held.length || held.length === 0,
      "seven under way",
    );
    const { headers } = await ask(row);
    doors.open();
    await Promise.all(held);
    const [s, ms] = [Number(headers.get("retry-after")), Number(headers.get("retry-after-ms"))];
    const retry = headers.get("x-should-retry");
    switch (row.limit) {
      case "tpr":
        return expect([headers.get("retry-after"), retry]).toEqual([null, "false"]);
      case "concurrency":
        return expect([s, retry]).toEqual([1, null]);
      case "rpd":
        expect(ms).toBeWithin(86_300_000, 86_400_001);
        return expect(retry).toBe("false");
      default:
        expect(ms).toBeWithin(45_000, 60_001);
        expect(s).toBe(Math.ceil(ms / 1_000));
        return expect(retry).toBeNull();
    }
  });
});

describe("a reload", () => {
  const windows = rows.filter(({ limit }) => ["rpm", "rpd", "tpm"].includes(limit));

  test("that raises limits resets nothing, and the refused were never counted", async () => {
    await gateway.write(fileWith(upstream.url, 2));
    for (const row of windows)
      expect([idOf(row), (await rush(row, 30, room)).length]).toEqual([idOf(row), 30 - room]);
  });

  test("that lowers them frees nothing", async () => {
    await gateway.write(fileWith(upstream.url, 1));
    for (const row of windows) expect([idOf(row), (await rush(row, 3, 0)).length]).toEqual([idOf(row), 3]);
  });

  test("to twice the concurrency lets twice as many in, and all of it is free again afterwards", async () => {
    await gateway.write(fileWith(upstream.url, 2));
    for (const row of rows.filter(({ limit }) => limit === "concurrency"))
      expect([idOf(row), (await rush(row, 40, 2 * room)).length]).toEqual([idOf(row), 40 - 2 * room]);
  });
});
