import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, maxErrorBytes, programAt, run } from "../../src/runtime/command.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const PATH = "/usr/local/bin:/usr/bin:/bin";
const shell = (script: string, more: Partial<Command> = {}) =>
  run({ argv: ["sh", "-c", script], environment: { PATH }, deadlineMs: 5_000, maxBytes: 1024, ...more });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Whether a process still runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Every process that sleeps for a minute. */
const sleepers = (): readonly string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\u000060\u0000" && runs(Number(pid));
    } catch {
      return false;
    }
  });

describe("a command", () => {
  test("tells its code and what it said", async () => {
    const ran = await shell("echo out; echo err >&2; exit 3");
    expect({ ...ran, stdout: text(ran.stdout) }).toEqual({
      ended: "exited",
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("sees the environment that it was given, and nothing of ours", async () => {
    process.env["SWITCHYARD_OURS"] = "ours";
    const ran = await run({
      argv: ["env"],
      environment: { PATH, GIVEN: "1" },
      deadlineMs: 5_000,
      maxBytes: 4096,
    });
    const names = text(ran.stdout)
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0])
      .sort();
    expect(names).toEqual(["GIVEN", "PATH"]);
    delete process.env["SWITCHYARD_OURS"];
  });

  test("takes its arguments as they are: no shell reads them", async () => {
    const directory = mkdtempSync(join(tmpdir(), "switchyard-command-"));
    const canary = join(directory, "canary");
    const hostile = [`; touch ${canary}`, `$(touch ${canary})`, "`id`", "a b", "*"];
    const ran = await run({
      argv: ["printf", "%s\\n", ...hostile],
      environment: { PATH },
      deadlineMs: 5_000,
      maxBytes: 4096,
    });
    expect(text(ran.stdout).trim().split("\n")).toEqual(hostile);
    expect(existsSync(canary)).toBe(false);
    rmSync(directory, { recursive: true });
  });

  test("has nothing to read", async () => {
    expect((await shell("cat")).code).toBe(0);
  });

  test("that is not there is told as not started", async () => {
    const ran = await run({ argv: ["no-such-program"], environment: { PATH }, deadlineMs: 1, maxBytes: 1 });
    expect(ran).toMatchObject({ ended: "not_started", code: null });
  });

  test("is killed at its deadline, and so is all that it started", async () => {
    const ran = await shell("sleep 60 & echo $!; sleep 60", { deadlineMs: 150 });
    expect(ran).toMatchObject({ ended: "timed_out", code: null });
    const child = Number(text(ran.stdout));
    expect(child).toBeGreaterThan(1);
    await until(() => !runs(child), "the end of its child");
  });

  test("that has ended leaves nothing behind that runs on", async () => {
    const ran = await shell("sleep 60 & echo $!");
    expect(ran).toMatchObject({ ended: "exited", code: 0 });
    await until(() => !runs(Number(text(ran.stdout))), "the end of its child");
  });

  test("ends with the process that runs it", async () => {
    const script = `
      import { run } from ${JSON.stringify(join(import.meta.dir, "../../src/runtime/command.ts"))};
      void run({ argv: ["sh", "-c", "sleep 60; true"], environment: { PATH: "${PATH}" }, deadlineMs: 60_000, maxBytes: 1 });
      await Bun.sleep(100);
      process.exit(0);`;
    const before = sleepers();
    const child = Bun.spawnSync([process.execPath, "-e", script]);
    expect(child.exitCode).toBe(0);
    await until(() => sleepers().every((pid) => before.includes(pid)), "the end of what it ran");
  });

  test("is not waited for by the pipes that a runaway holds", async () => {
    const started = performance.now();
    // Until it has a session of its own it would end with the others.
    const away =
      "up=$(mktemp -u); setsid sh -c 'touch \"$0\"; exec sleep 5' $up & until [ -e $up ]; do sleep 0.01; done";
    const ran = await shell(`${away}; rm $up; echo $!`);
    expect(ran.ended).toBe("exited");
    expect(runs(Number(text(ran.stdout)))).toBe(true);
    expect(performance.now() - started).toBeLessThan(3_000);
    process.kill(Number(text(ran.stdout)), "SIGKILL");
  });

  test("that says too much is killed, and no more than the bound is kept", async () => {
    const ran = await shell("yes", { maxBytes: 10_000 });
    expect(ran.ended).toBe("said_too_much");
    expect(ran.stdout.length).toBeLessThanOrEqual(10_001);
  });

  test("keeps the last of what it complains", async () => {
    const ran = await shell("yes complaint | head -c 300000 >&2; echo last >&2");
    expect(ran.stderr.length).toBe(maxErrorBytes);
    expect(ran.stderr.endsWith("last\n")).toBe(true);
  });
});

test("a program is looked for on the PATH", () => {
  expect(programAt("sh", PATH)).toMatch(/\/sh$/);
  expect(programAt("no-such-program", PATH)).toBeNull();
  expect(programAt("etc", "/")).toBeNull();
});
