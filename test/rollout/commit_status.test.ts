import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitStatusOf } from "../../src/rollout/commit_status.ts";
import type { Forge } from "../../src/rollout/forge.ts";
import type { RolloutListener } from "../../src/rollout/open.ts";
import { directories } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { file, setStage, somebody, strikeStages, trial } from "./stage.ts";

const { make, remove } = directories();
afterAll(remove);
afterEach(strikeStages);

/** What the forge was told, and what it answers. */
const told: string[] = [];
const tokens: string[] = [];
let answers: number[] = [];
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    const body = await request.json();
    tokens.push(request.headers.get("authorization") ?? "");
    told.push(
      `${new URL(request.url).pathname.split("/").at(-1)?.slice(0, 2)} ${body.state}: ${body.description}`,
    );
    return new Response("the-token-of-a-test", { status: answers.shift() ?? 201 });
  },
});
afterAll(() => server.stop(true));

const tokenFile = join(make(), "token");
const forge: Forge = {
  kind: "github",
  api: `http://127.0.0.1:${server.port}`,
  project: "acme/routes",
  name: "switchyard",
  tokenFile,
};
let lines: string[] = [];
let pauses: number[] = [];
let listener: RolloutListener;
beforeEach(() => {
  for (const list of [told, tokens]) list.splice(0);
  [lines, pauses, answers] = [[], [], []];
  writeFileSync(tokenFile, "somebody:the-token-of-a-test\n");
  const log = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const sleep = async (ms: number) => void pauses.push(ms);
  listener = commitStatusOf({ forge, log: { info: log, error: log }, clock: { sleep } });
});

const sha = (letter: string) => letter.repeat(40);

test("a forge is told how each commit fares, with the stage and the reason", async () => {
  const stage = await setStage({ yaml: file("a", trial), sha: sha("a") }, { listener });
  await stage.say({ yaml: "version: 1\nmodles: {}\n", sha: sha("b") });
  await stage.say({ yaml: file("c", trial), sha: sha("c") });
  await stage.rolling.people.rollback(somebody, null);
  await stage.say({ yaml: file("d", trial), sha: sha("d") });
  await stage.rolling.people.promote(somebody);
  await until(() => told.length === 10, "ten statuses");
  expect(told).toEqual([
    "aa pending: being checked",
    "aa success: live as generation 1",
    "bb pending: being checked",
    "bb failure: refused at compiled: unknown_key at routes.yaml:2:1",
    "cc pending: being checked",
    "cc pending: on trial as generation 3",
    `cc failure: taken back at canary: ${somebody.reason}`,
    "dd pending: being checked",
    "dd pending: on trial as generation 4",
    "dd success: live as generation 4",
  ]);
  expect(new Set(tokens)).toEqual(new Set(["Bearer the-token-of-a-test"]));
  expect(lines).toEqual([]);
});

test("a commit that serves is not called pending at the next start, nor told the same twice", async () => {
  const first = await setStage({ yaml: file("a"), sha: sha("a") }, { listener });
  await until(() => told.length === 2, "told");
  await first.restart();
  await first.rolling.rollout.look();
  expect(told).toEqual(["aa pending: being checked", "aa success: live as generation 1"]);
});

test("a forge that fails is tried again, then given up; it is logged, without what it said, and keeps nobody", async () => {
  answers = [500, 429, 503, 502, 201];
  const stage = await setStage({ yaml: file("a"), sha: sha("a") }, { listener });
  expect(stage.rolling.status().active?.generation).toBe(1);
  await until(() => told.length === 5, "told");
  expect(told.slice(0, 1)).toEqual(["aa pending: being checked"]);
  expect(told.at(-1)).toBe("aa success: live as generation 1");
  expect(pauses.slice(0, 1)).toEqual([1_000]);
  for (const line of lines) {
    expect(line).toMatch(/^the forge did not take the status of a commit .*127\.0\.0\.1:\d+ answers \d{3}/);
    expect(line).not.toContain("the-token-of-a-test");
  }
});

test("a forge that refuses is not asked again", async () => {
  answers = [404, 403];
  await setStage({ yaml: file("a"), sha: sha("a") }, { listener });
  await until(() => lines.length === 2, "logged");
  expect(told).toHaveLength(2);
  expect(pauses).toEqual([]);
});

test("a token that cannot be read is said, and the next one is used", async () => {
  writeFileSync(tokenFile, "");
  const stage = await setStage({ yaml: file("a"), sha: sha("a") }, { listener });
  await until(() => lines.length > 0, "logged");
  expect(lines[0]).toContain("the file of GIT_SYNC_TOKEN_FILE cannot be read");
  writeFileSync(tokenFile, "another-token\n");
  await stage.say({ yaml: file("b"), sha: sha("b") });
  await until(() => told.at(-1) === "bb success: live as generation 2", "told");
  expect(tokens.at(-1)).toBe("Bearer another-token");
});

test("files have no commits to tell of", async () => {
  await setStage(file("a"), { listener });
  expect(told).toEqual([]);
});
