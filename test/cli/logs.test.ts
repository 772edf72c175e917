import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { logs } from "../../src/cli/logs.ts";
import { chat, startGateway } from "../support/gateway.ts";
import { keptShell } from "./shell.ts";

setDefaultTimeout(20_000);

const dir = mkdtempSync(join(tmpdir(), "switchyard-logs-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const line = (id: string, n: number) => `{"request_id":"${id}","n":${n}}\n`;
beforeAll(() => {
  writeFileSync(join(dir, "system.log"), Array.from({ length: 30 }, (_, n) => line(`r-${n}`, n)).join(""));
  writeFileSync(join(dir, "system-20270131T093000Z-1.log.gz"), gzipSync(line("old-1", 1) + line("r-5", 0)));
  writeFileSync(join(dir, "interactions.log"), line("r-5", 2));
  writeFileSync(join(dir, "unrelated.txt"), line("r-5", 3));
});

const call = async (...args: readonly string[]) => {
  const kept = keptShell({ env: { LOG_DIR: dir } });
  const code = await logs(args, kept.shell);
  return { code, out: kept.out(), err: kept.err() };
};

describe("logs", () => {
  test("tail shows the newest lines of one file", async () => {
    expect(await call("tail", "--lines", "2")).toEqual({
      code: 0,
      out: line("r-28", 28) + line("r-29", 29),
      err: "",
    });
    expect((await call("tail", "--file", "interactions")).out).toBe(line("r-5", 2));
  });

  test("grep shows everything about one request, in rotated files too", async () => {
    const { code, out } = await call("grep", "r-5");
    expect([code, out]).toEqual([
      0,
      `interactions.log: ${line("r-5", 2)}system-20270131T093000Z-1.log.gz: ${line("r-5", 0)}system.log: ${line("r-5", 5)}`,
    ]);
  });

  test.each([
    [["grep", "nobody"], 1, "No line"],
    [["grep"], 64, "two verbs"],
    [["tail", "--file", "passwd"], 64, "no log"],
    [["tail", "--lines", "many"], 64, "whole number"],
    [["tail", "--log-dir", "/nowhere"], 64, "no directory"],
  ])("%j ends with %d", async (args, code, says) => {
    const ran = await call(...args);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(says);
  });
});

test("a streamed answer is logged whole, as it was sent, with its attempts", async () => {
  const gateway = await startGateway(
    "logging: { interactions: full }\nproviders: { p: { kind: simulated } }\nmodels: { m: { targets: [p/x] } }\n",
  );
  const streamed = await gateway.post("/v1/chat/completions", chat("m", { stream: true }), {
    "x-request-id": "seen-1",
  });
  const said = (await streamed.text())
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice(6)).choices[0]?.delta.content ?? "")
    .join("");
  await gateway.server.stop(0);
  const kept = keptShell({ env: { LOG_DIR: join(gateway.directory, "logs") } });
  expect(await logs(["grep", "seen-1"], kept.shell)).toBe(0);
  const logged =
    kept
      .out()
      .split("\n")
      .find((each) => each.startsWith("interactions.log")) ?? "";
  expect(JSON.parse(logged.slice(logged.indexOf("{")))).toMatchObject({
    request_id: "seen-1",
    request: { model: "x", stream: true },
    answer: { object: "chat.completion", choices: [{ message: { content: said }, finish_reason: "stop" }] },
    attempts: [{ provider: "p", outcome: "ok" }],
  });
  await gateway.stop();
});
