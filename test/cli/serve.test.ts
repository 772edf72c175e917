import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { chunks, startUpstream } from "../support/upstream.ts";
import { type Child, runChild } from "./child.ts";

setDefaultTimeout(20_000);

const root = mkdtempSync(join(tmpdir(), "switchyard-serve-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const simulated = `version: 1
providers: { s: { kind: simulated, models: { "*": { price: free } } } }
models: { chat: { targets: [s/x] } }
`;

/** A directory with a routes.yaml and nothing else. */
function directoryWith(yaml: string): string {
  const directory = mkdtempSync(join(root, "at-"));
  writeFileSync(join(directory, "routes.yaml"), yaml);
  return directory;
}

const running: Child[] = [];
function run(...given: Parameters<typeof runChild>): Child {
  const child = runChild(...given);
  running.push(child);
  return child;
}
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.signal("SIGKILL");
    await child.exited;
  }
});

const ask = (url: string, more: object = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat("chat", more)),
  });

describe.concurrent("a wrong setting is one line that names it, and exit 64", () => {
  let directory = "";
  beforeAll(() => {
    directory = directoryWith(simulated);
  });
  const table: readonly (readonly [string, readonly string[], Record<string, string>, RegExp])[] = [
    [
      "a port that is no number",
      ["--port", "http"],
      {},
      /^PORT is "http"; it has to be a number from 0 to 65535/,
    ],
    ["a port too high", [], { PORT: "65536" }, /^PORT is "65536"/],
    ["a negative port", ["--port=-1"], {}, /^PORT is "-1"/],
    ["a time without unit", [], { DRAIN: "30" }, /^DRAIN is "30"/],
    [
      "an unknown level",
      ["--log-level", "loud"],
      {},
      /^LOG_LEVEL is "loud"; it has to be one of trace, debug/,
    ],
    [
      "a repository with a password in it",
      [],
      { GIT_SYNC_REPO: "https://user:hunter2@git.example.com/routes.git" },
      /^GIT_SYNC_REPO has to be (?!.*hunter2)/,
    ],
    ["a yes that is none", [], { ALLOW_OPEN: "yes" }, /^ALLOW_OPEN is "yes"; it has to be true or false/],
    ["a flag that there is none of", ["--prot=8728"], {}, /^--prot is no setting/],
    ["a flag without its value", ["--port"], {}, /^--port needs a value/],
    ["a command that there is none of", ["sreve"], {}, /"sreve" is no command/],
    [
      "a data directory that cannot be one",
      ["--data-dir", "routes.yaml"],
      {},
      /^DATA_DIR: routes\.yaml cannot be used/,
    ],
    [
      "a host that is not ours",
      ["--host", "192.0.2.1", "--port", "0"],
      { ALLOW_OPEN: "true" },
      /^HOST\b.*192\.0\.2\.1/,
    ],
  ];
  test.each(table)("%s", async (_, args, env, message) => {
    const child = runChild(directory, args, env);
    expect(await child.exited).toBe(64);
    expect(child.stderr()).toMatch(message);
    if (!args.includes("sreve")) expect(child.stderr().trimEnd().split("\n")).toHaveLength(1);
    expect(child.stdout()).toBe("");
  });
});

describe("it does not start", () => {
  test("on a port that somebody has: exit 64, naming PORT", async () => {
    const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
    const child = run(directoryWith(simulated), ["--port", String(other.port)]);
    expect(await child.exited).toBe(64);
    expect(child.stderr()).toMatch(new RegExp(`^PORT\\b.*${other.port}`, "m"));
    other.stop(true);
  });

  test("on the DATA_DIR of another process: exit 64; once that one has ended, it does", async () => {
    const directory = directoryWith(simulated);
    const first = run(directory, ["--port", "0"]);
    await first.serving();
    const second = run(directory, ["--port", "0"]);
    expect(await second.exited).toBe(64);
    expect(second.stderr()).toMatch(
      new RegExp(`^DATA_DIR: data is in use by process ${first.pid}; [^\\n]*\\n$`),
    );
    // Killed without a chance to clean up: its lock is no lock.
    first.signal("SIGKILL");
    await first.exited;
    expect(existsSync(join(directory, "data", "lock"))).toBe(true);
    const third = run(directory, ["--port", "0"]);
    expect((await fetch(`${await third.serving()}/health`)).status).toBe(200);
  });

  test.each([
    ["a mistake", simulated.replace("s/x", "t/x"), /unknown_provider[\s\S]*"t"/],
    ["two mistakes", `${simulated.replace("s/x", "t/x")}colour: red\n`, /unknown_provider[\s\S]*unknown_key/],
    ["no YAML", "version: [1\n", /yaml_syntax/],
    ["an empty file", "", /empty_file/],
    [
      "a variable that is not set",
      simulated.replace(
        "kind: simulated",
        "kind: openai, base_url: http://127.0.0.1:1, api_key: env:NOT_SET_HERE",
      ),
      /unset_reference[\s\S]*NOT_SET_HERE/,
    ],
  ])("with %s: exit 1, with file, line and column", async (_, yaml, message) => {
    const child = run(directoryWith(yaml), ["--port", "0"]);
    expect(await child.exited).toBe(1);
    expect(child.stderr()).toMatch(message);
    expect(child.stderr()).toMatch(/routes\.yaml:\d+:\d+/);
    expect(child.stderr()).not.toMatch(/\bat .*\.ts:\d+/);
  });

  test("without a file: exit 64 or 1, saying which is missing", async () => {
    const child = run(mkdtempSync(join(root, "none-")), ["--port", "0"]);
    expect([1, 64]).toContain(await child.exited);
    expect(child.stderr()).toContain("routes.yaml");
  });
});

describe("it serves", () => {
  test("in a directory with nothing but a routes.yaml, on 127.0.0.1, until SIGTERM", async () => {
    const directory = directoryWith(simulated);
    const child = run(directory, ["--port=0"]);
    const url = await child.serving();
    expect(url).toStartWith("http://127.0.0.1:");
    expect((await ask(url)).status).toBe(200);
    child.signal("SIGTERM");
    expect(await child.exited).toBe(0);
    for (const made of ["data/state.sqlite", "data/switchyard.sqlite", "logs"])
      expect([made, existsSync(join(directory, made))]).toEqual([made, true]);
    expect(existsSync(join(directory, "data", "lock"))).toBe(false);
  });

  test("what .env says; the environment and flags say more", async () => {
    const directory = directoryWith(`${simulated}auth: { keys: [{ id: k, secret: env:KEY_OF_DOTENV }] }\n`);
    writeFileSync(
      join(directory, ".env"),
      "KEY_OF_DOTENV=from-dotenv\nPORT=0\nLOG_DIR=elsewhere\nDATA_DIR=from-dotenv\nLOG_LEVEL=loud\n",
    );
    const child = run(directory, ["--log-level", "info"], { DATA_DIR: "from-environment" });
    const url = await child.serving();
    const models = await fetch(`${url}/v1/models`, { headers: { authorization: "Bearer from-dotenv" } });
    expect(models.status).toBe(200);
    child.signal("SIGTERM");
    expect(await child.exited).toBe(0);
    for (const [name, there] of [
      ["elsewhere", true],
      ["from-environment", true],
      ["from-dotenv", false],
      ["data", false],
      ["logs", false],
    ] as const)
      expect([name, existsSync(join(directory, name))]).toEqual([name, there]);
  });

  test("another file at SIGHUP, and none that is bad", async () => {
    const directory = directoryWith(simulated);
    const child = run(directory, ["--port", "0"]);
    const url = await child.serving();
    const listed = async () => JSON.stringify((await (await fetch(`${url}/v1/models`)).json()).data);
    writeFileSync(join(directory, "routes.yaml"), `${simulated}aliases: { other: chat }\n`);
    child.signal("SIGHUP");
    await until(async () => (await listed()).includes("other"), "the new file");
    writeFileSync(join(directory, "routes.yaml"), "version: 1\nmodels: {");
    child.signal("SIGHUP");
    await until(
      async () => (await (await fetch(`${url}/health`)).json()).status === "degraded",
      "the bad file refused",
    );
    expect(await listed()).toContain("other");
    await until(() => child.stdout().includes("yaml_syntax"), "the mistake told");
  });

  test("a stream to its end after SIGTERM, takes nothing new meanwhile, and exits 0", async () => {
    const release = gate();
    const words = chunks("one two three");
    const upstream = startUpstream(() => slowly(words, release.opened));
    const child = run(directoryWith(simulatedWith(upstream.url)), ["--port", "0"]);
    const url = await child.serving();
    const reader = (await ask(url, { stream: true })).body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toContain("one");

    child.signal("SIGTERM");
    await until(async () => (await status(`${url}/health`)) !== 200, "draining");
    expect([503, "refused"]).toContain(await status(`${url}/health`));
    release.open();
    let rest = "";
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
      rest += new TextDecoder().decode(piece.value);
    expect(rest).toEndWith("data: [DONE]\n\n");
    expect(await child.exited).toBe(0);
    await upstream.stop();
  });

  test("a stream no longer than DRAIN: it ends with an error, no [DONE], and exit 0", async () => {
    const upstream = startUpstream(() => slowly(chunks("one two three"), new Promise(() => {})));
    const directory = directoryWith(simulatedWith(upstream.url));
    const child = run(directory, ["--port", "0", "--drain", "100ms"]);
    const response = await ask(await child.serving(), { stream: true });
    const text = response.text();
    await until(() => upstream.requests.length === 1, "the stream under way");
    child.signal("SIGTERM");
    const error = (await text).split("\n\n").findLast((event) => event.startsWith("data: ")) ?? "";
    expect(JSON.parse(error.slice(6)).error).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(await text).not.toContain("[DONE]");
    expect(await child.exited).toBe(0);
    expect(readFileSync(join(directory, "logs", logOf(directory)), "utf8")).toContain('"stopped"');
    await upstream.stop();
  });

  test("a second SIGTERM ends it at once", async () => {
    const upstream = startUpstream(() => slowly(chunks("one two three"), new Promise(() => {})));
    const child = run(directoryWith(simulatedWith(upstream.url)), ["--port", "0", "--drain", "1h"]);
    const url = await child.serving();
    const response = await ask(url, { stream: true });
    child.signal("SIGTERM");
    await until(async () => (await status(`${url}/health`)) !== 200, "draining");
    child.signal("SIGTERM");
    expect(await child.exited).not.toBe(0);
    await response.body?.cancel().catch(() => {});
    await upstream.stop();
  });
});

const simulatedWith = (url: string): string =>
  `version: 1\nproviders: { up: { kind: openai, base_url: "${url}" } }\nmodels: { chat: { targets: [up/x] } }\n`;

const status = (url: string): Promise<number | "refused"> =>
  fetch(url).then(
    ({ status }) => status,
    () => "refused",
  );

const logOf = (directory: string): string =>
  [...new Bun.Glob("system*").scanSync(join(directory, "logs"))][0] ?? "no system log";

/** The first words, and the rest when it is let go. */
function slowly(events: readonly string[], released: Promise<void>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      for (const event of events.slice(0, 3)) controller.enqueue(encoder.encode(`data: ${event}\n\n`));
      await released;
      for (const event of [...events.slice(3), "[DONE]"])
        controller.enqueue(encoder.encode(`data: ${event}\n\n`));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
