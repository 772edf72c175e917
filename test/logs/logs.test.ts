import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Logging } from "../../src/domain/snapshot.ts";
import { noUsage } from "../../src/domain/usage.ts";
import type { Interaction } from "../../src/logs/interaction.ts";
import { type LogLevel, type Logs, openLogs } from "../../src/logs/logs.ts";
import { attempt, refusal, request, temporaryDirectory } from "../metrics/traffic.ts";

setDefaultTimeout(20_000);

let directory: ReturnType<typeof temporaryDirectory>;
let dir: string;
let opened: Logs[];
const day = 86_400_000;
const logging: Logging = { interactions: "full", redact: [], maxFileBytes: 1024 ** 2, keepMs: 14 * day };

beforeEach(() => {
  directory = temporaryDirectory();
  dir = join(directory.path, "logs");
  opened = [];
});
afterEach(async () => {
  for (const logs of opened) await logs.close();
  directory.remove();
});

function open(level: LogLevel = "info", bounds: Partial<Logging> = {}): Logs {
  const logs = openLogs({ ...{ dir, level, stdout: false }, ...logging, ...bounds });
  opened.push(logs);
  return logs;
}

/** The lines of a log, rotated files included, each of which must be JSON. */
function lines(name: string): readonly Record<string, unknown>[] {
  if (!existsSync(dir)) return [];
  const files = readdirSync(dir).filter((file) => file.startsWith(name));
  return files.flatMap((file) =>
    readLog(join(dir, file))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line)),
  );
}

/** Rotated files are compressed. */
const readLog = (file: string): string =>
  file.endsWith(".gz") ? gunzipSync(readFileSync(file)).toString("utf8") : readFileSync(file, "utf8");

const interaction = (different: Partial<Interaction> = {}): Interaction => ({
  ...{
    request_id: "r-1",
    at: Date.parse("2027-01-31T12:00:00Z"),
    model: "chat",
    provider: "openai",
    upstream: "gpt-4o",
  },
  ...{
    status: 200,
    outcome: "ok",
    duration_ms: 12,
    attempts: [attempt()],
    tokens: { ...noUsage, prompt: 3 },
    error: null,
  },
  request: '{"messages":[{"role":"user","content":"a prompt"}],"temperature":0}',
  answer: { choices: [{ message: { role: "assistant", content: "an answer" } }] },
  ...different,
});

test("each request is one line, with its snapshot and its attempts", async () => {
  const logs = open();
  logs.request(
    request({ attempts: [attempt({ outcome: "server", status: 500, duration_ms: 7 }), attempt()] }),
  );
  await logs.flush();
  expect(lines("system")).toEqual([
    expect.objectContaining({
      ...{ level: "info", msg: "request", request_id: "r-1", snapshot: "3-aaaaaaaa", outcome: "ok", ms: 120 },
      time: "2027-01-31T12:00:00.120Z",
      attempts: [
        { provider: "openai", upstream: "gpt-4o", outcome: "server", status: 500, ms: 7 },
        { provider: "openai", upstream: "gpt-4o", outcome: "ok", status: 200, ms: 119 },
      ],
    }),
  ]);
  expect(lines("error")).toEqual([]);
});

test("errors are in error.log as well, whether ours or a request's", async () => {
  const logs = open();
  logs.system.info({ generation: 3 }, "reloaded");
  logs.system.error({ err: new Error("no disk") }, "cannot save");
  logs.request(request({ request_id: "r-2", outcome: "error", status: 502 }));
  await logs.flush();
  expect(lines("system").map((line) => line.msg)).toEqual(["reloaded", "cannot save", "request"]);
  expect(lines("error").map((line) => line.msg)).toEqual(["cannot save", "request"]);
  expect(lines("error")[0]).toMatchObject({ level: "error", err: { message: "no disk" } });
});

test.each([
  ["debug", 4],
  ["info", 3],
  ["warn", 1],
  ["error", 1],
  ["silent", 0],
] as const)("at level %s, %d of four lines are written", async (level, count) => {
  const logs = open(level);
  logs.system.debug({}, "detail");
  logs.system.info({}, "news");
  logs.request(refusal());
  logs.request(request({ outcome: "error" }));
  await logs.flush();
  expect(lines("system")).toHaveLength(count);
});

test("hostile text stays inside its line", async () => {
  const logs = open();
  const hostile = 'a"\\\n\r\u2028\u0000\ud800{"level":"error"}\x1b[31m';
  logs.system.info({ hostile }, hostile);
  logs.request(request({ request_id: hostile, asked: hostile, warnings: [hostile] }));
  logs.reconfigure(logging);
  logs.interaction(
    interaction({ request_id: hostile, error: hostile, request: JSON.stringify({ hostile }, null, 2) }),
  );
  await logs.flush();
  expect(lines("system")).toHaveLength(2);
  expect(lines("system")[0]).toMatchObject({ level: "info", hostile, msg: hostile });
  expect(lines("interactions")).toEqual([
    expect.objectContaining({ request_id: hostile, request: { hostile } }),
  ]);
});

describe("an interaction", () => {
  test("is not logged before somebody asks for it", async () => {
    const logs = open();
    logs.interaction(interaction());
    await logs.flush();
    expect(lines("interactions")).toEqual([]);
  });

  test("is whole in full, without its texts as metadata, and absent when off", async () => {
    const logs = open();
    for (const interactions of ["full", "metadata", "off"] as const) {
      logs.reconfigure({ ...logging, interactions });
      logs.interaction(interaction({ request_id: interactions }));
    }
    await logs.flush();
    const [full, metadata, ...rest] = lines("interactions");
    expect(full).toMatchObject({
      ...{ request_id: "full", at: "2027-01-31T12:00:00.000Z", tokens: { prompt: 3, cached: null } },
      request: { messages: [{ role: "user", content: "a prompt" }], temperature: 0 },
      answer: { choices: [{ message: { content: "an answer" } }] },
    });
    expect(metadata).toMatchObject({ request_id: "metadata", status: 200 });
    expect(Object.keys(metadata ?? {})).not.toContain("request");
    expect(rest).toEqual([]);
  });

  test("follows the rules of its own snapshot where they are given", async () => {
    const logs = open();
    logs.reconfigure(logging);
    logs.interaction(interaction(), { interactions: "full", redact: ["messages[*].content"] });
    await logs.flush();
    expect(JSON.stringify(lines("interactions"))).not.toContain("a prompt");
    expect(lines("interactions")[0]).toMatchObject({
      answer: { choices: [{ message: { content: "an answer" } }] },
    });
  });

  test("that cannot be redacted is left out", async () => {
    const logs = open();
    logs.reconfigure({ ...logging, redact: ["messages[*].content"] });
    logs.interaction(interaction({ request: '{"messages":[{"content":"a prompt' }));
    await logs.flush();
    expect(lines("interactions")[0]).toMatchObject({ request: { omitted: "not JSON" } });
  });

  test("is bounded in every field and as a line", async () => {
    const logs = open();
    logs.reconfigure(logging);
    const image = "A".repeat(200_000);
    logs.interaction(interaction({ request: { image }, answer: JSON.stringify({ image, other: 1 }) }));
    logs.interaction(interaction({ request: { parts: new Array(50).fill("B".repeat(60_000)) } }));
    await logs.flush();
    const [first, second] = lines("interactions");
    expect(JSON.stringify(first).length).toBeLessThan(150_000);
    expect(first).toMatchObject({ answer: { other: 1 } });
    expect(second).toMatchObject({ request: { omitted: "too large" } });
  });
});

describe("files", () => {
  test("are rotated by size, and no line is lost", async () => {
    const logs = open("info", { maxFileBytes: 20_000 });
    for (let at = 0; at < 500; at += 1) {
      logs.system.info({ at, padding: "x".repeat(200) }, "line");
      if (at % 100 === 0) await logs.flush();
    }
    await logs.flush();
    expect(
      lines("system")
        .map((line) => line.at)
        .toSorted((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: 500 }, (_, at) => at));
    const sizes = readdirSync(dir).map((file) => statSync(join(dir, file)).size);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(40_000);
  });

  test("that are older than `keep` are removed, and nothing else", async () => {
    mkdirSync(dir);
    const made = [
      "system-20260101T000000Z-1.log",
      "error-20260101T000000Z-1.log",
      "system-20260102T000000Z-1.log",
      "mine.log",
    ];
    for (const file of made) writeFileSync(join(dir, file), "{}\n");
    for (const file of [made[0], made[1], made[3]])
      utimesSync(join(dir, file ?? ""), new Date(0), new Date(0));
    const logs = open();
    logs.system.info({}, "news");
    await logs.flush();
    expect(readdirSync(dir).toSorted()).toEqual(["mine.log", "system-20260102T000000Z-1.log", "system.log"]);
  });

  test("come back when LOG_DIR is lost", async () => {
    const logs = open();
    logs.system.info({}, "before");
    await logs.flush();
    rmSync(dir, { recursive: true });
    logs.system.info({}, "after");
    await logs.flush();
    expect(lines("system").map((line) => line.msg)).toEqual(["after"]);
  });

  test("that cannot be written lose lines, which are counted, and cost nothing else", async () => {
    writeFileSync(dir, "a file where the directory should be");
    const logs = open();
    logs.system.info({}, "lost");
    await logs.flush();
    expect(logs.dropped()).toBeGreaterThan(0);
    rmSync(dir);
    logs.system.info({}, "written");
    await logs.flush();
    expect(lines("system").map((line) => line.msg)).toContain("written");
  });

  test("that end in half a line go on in a new one", async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, "system.log"), '{"msg":"whole"}\n{"msg":"ha');
    const logs = open();
    logs.system.info({}, "next");
    await logs.flush();
    const texts = readFileSync(join(dir, "system.log"), "utf8").split("\n");
    expect(texts.map((line) => line.slice(0, 12))).toEqual([
      '{"msg":"whol',
      '{"msg":"ha',
      '{"level":"in',
      "",
    ]);
  });
});

test("the system log is on stdout too, when it is asked for", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "speaker.ts"), dir], { stdout: "pipe" });
  const shown = await new Response(child.stdout).text();
  expect(shown.split("\n").map((line) => (line === "" ? "" : JSON.parse(line).msg))).toEqual(["hello", ""]);
  expect(lines("system").map((line) => line.msg)).toEqual(["hello"]);
});

test("each line has its own names and its own time, however alike the one before was", async () => {
  const logs = open();
  const arrived_at = Date.parse("2027-01-31T12:00:00Z");
  const rows = [
    request(),
    request({ arrived_at: arrived_at + 7, key_id: "other" }),
    request({ arrived_at: arrived_at + 1_007.9, key_id: "other", provider: "local", asked: "chat" }),
    request({ arrived_at: arrived_at - 60_000, provider: "local", generation: 4, team: null }),
    request({ usage: { ...noUsage, total: Number.POSITIVE_INFINITY }, cost_usd: null }),
  ];
  for (const row of rows) logs.request(row);
  await logs.flush();
  const shown = lines("system").map(({ key, provider, asked, snapshot, team, tokens, time }) => [
    ...[key, provider, asked, snapshot, team, tokens, String(time).slice(14)],
  ]);
  expect(shown).toEqual([
    ["web-app", "openai", "gpt-4", "3-aaaaaaaa", "search", 120, "00:00.120Z"],
    ["other", "openai", "gpt-4", "3-aaaaaaaa", "search", 120, "00:00.127Z"],
    ["other", "local", "chat", "3-aaaaaaaa", "search", 120, "00:01.127Z"],
    ["web-app", "local", "gpt-4", "4-aaaaaaaa", null, 120, "59:00.120Z"],
    ["web-app", "openai", "gpt-4", "3-aaaaaaaa", "search", null, "00:00.120Z"],
  ]);
});
