import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { judge } from "../../src/rollout/candidate.ts";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { chunks, sse, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** Two providers that say who they are in every word of a long answer. */
const wordsOf = (name: string) => `${name} `.repeat(20);
let upstreams: readonly Upstream[];

beforeAll(() => {
  upstreams = ["alpha", "beta"].map((name) =>
    startUpstream(({ body }) =>
      body["stream"] === true ? sse([...chunks(wordsOf(name)), "[DONE]"], { everyMs: 40 }) : undefined,
    ),
  );
});

afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.stop()));
});

const urlOf = (name: "alpha" | "beta") => upstreams[name === "alpha" ? 0 : 1]?.url ?? "";
/** Every beginning of it is refused, or means the same: what is named first is defined last, on one line. */
const fileOf = (name: "alpha" | "beta", more = "") => `${more}models:
  chat: { targets: [${name}/${name}-model] }
providers: { ${name}: { kind: openai, base_url: "${urlOf(name)}" } }
version: 1
`;

const labelOf = async (gateway: Running): Promise<string> => {
  const response = await gateway.post("/v1/chat/completions", chat("chat"));
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get("x-gateway-config") ?? "";
};
const scrape = async (gateway: Running) =>
  (await fetch(`${gateway.url}/metrics`, { headers: { accept: "text/plain" } })).text();
const reloadOk = async (gateway: Running) =>
  Number(/^switchyard_config_last_reload_successful (\d)$/m.exec(await scrape(gateway))?.[1]);
const healthOf = async (gateway: Running) => (await fetch(`${gateway.url}/health`)).json();

/** Each takes a tenth of a second, because a save has to keep still that long; `bun run test:reloads` asks for a hundred. */
const reloads = Number(process.env["RELOADS"] ?? 15);

describe("a reload", () => {
  test(`breaks and mixes no stream: 50 are open at any time of ${reloads} reloads`, async () => {
    const gateway = await startGateway(fileOf("alpha"));
    let reloading = true;
    let open = 0;
    const streams = Array.from({ length: 50 }, async (_, index) => {
      const seen: string[] = [];
      await Bun.sleep(index * 15);
      while (reloading) {
        const response = await gateway.post("/v1/chat/completions", chat("chat", { stream: true }));
        const [who, label] = ["x-gateway-provider", "x-gateway-config"].map(
          (name) => response.headers.get(name) ?? "",
        );
        open += 1;
        const text = await response.text();
        const words = [...text.matchAll(/"content":"(\w+) "/g)].map(([, word]) => word);
        expect([new Set(words), words.length]).toEqual([new Set([who]), 20]);
        expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
        seen.push(`${label?.split("-")[1]} ${who}`);
      }
      return seen;
    });
    await until(() => open >= 50, "every stream open");
    for (let round = 1; round <= reloads; round++)
      await gateway.write(fileOf(round % 2 === 0 ? "alpha" : "beta"));
    reloading = false;
    const seen = new Set((await Promise.all(streams)).flat());
    // One digest for each of the two, whatever the generation.
    expect(seen.size).toBe(2);
    expect((await labelOf(gateway)).split("-")[0]).toBe(String(reloads + 1));
    await gateway.stop();
  }, 40_000);

  test("lets go of what served before", async () => {
    const gateway = await startGateway(fileOf("alpha"));
    const { deployment } = gateway.server.rollout;
    const past: WeakRef<object>[] = [];
    for (const name of ["beta", "alpha", "beta", "alpha", "beta"] as const) {
      await labelOf(gateway);
      if (deployment.active !== null) past.push(new WeakRef(deployment.active.generation.snapshot));
      await gateway.write(fileOf(name));
    }
    await until(() => {
      Bun.gc(true);
      return past.filter((each) => each.deref() !== undefined).length <= 1;
    }, "all but the last of the old snapshots gone");
    await gateway.stop();
  });

  test("that changes what a file means makes a new generation; a comment does not", async () => {
    const gateway = await startGateway(fileOf("alpha"));
    const first = await labelOf(gateway);
    expect(first).toMatch(/^1-[0-9a-f]{8}$/);
    const { digest, generation } = await healthOf(gateway);
    expect(`${generation}-${digest.slice(0, 8)}`).toBe(first);
    await gateway.write(`# a comment\n${fileOf("alpha")}`);
    expect(await labelOf(gateway)).toBe(first);
    await gateway.write(fileOf("beta"));
    const second = await labelOf(gateway);
    expect(second).toMatch(/^2-[0-9a-f]{8}$/);
    await gateway.write(fileOf("alpha"));
    expect(await labelOf(gateway)).toBe(first.replace("1-", "3-"));
    expect(await scrape(gateway)).toContain('switchyard_config_info{generation="3",');
    await gateway.stop();
  });

  test("moves the lines that messages name, even when nothing else changed", async () => {
    const limited = "models: { chat: { targets: [{ provider: p, model: m, limits: { tpr: 1 } }] } }";
    const gateway = await startGateway(`version: 1\nproviders: { p: { kind: simulated } }\n${limited}`);
    const message = async () =>
      (await (await gateway.post("/v1/chat/completions", chat("chat", { max_tokens: 9 }))).json()).error
        .message;
    expect(await message()).toContain("routes.yaml:3:");
    await gateway.write(`version: 1\n\n\nproviders: { p: { kind: simulated } }\n${limited}`);
    expect(await message()).toContain("routes.yaml:5:");
    await gateway.stop();
  });
});

describe("what is refused", () => {
  let gateway: Running;
  let path: string;
  let good: string;
  beforeAll(async () => {
    gateway = await startGateway(fileOf("alpha"));
    path = join(gateway.directory, "routes.yaml");
    good = await labelOf(gateway);
  });
  afterAll(() => gateway.stop());

  const breakages: Readonly<Record<string, () => void>> = {
    "a syntax error": () => writeFileSync(path, "models: [\n"),
    "an unknown key": () => writeFileSync(path, fileOf("beta", "modles: {}\n")),
    "a dangling name": () => writeFileSync(path, fileOf("beta").replace("[beta/", "[gamma/")),
    "an empty file": () => writeFileSync(path, ""),
    "only a comment": () => writeFileSync(path, "# nothing\n"),
    "several documents": () => writeFileSync(path, `${fileOf("beta")}---\n${fileOf("alpha")}`),
    "bytes that are no text": () => writeFileSync(path, new Uint8Array([0xff, 0xfe, 0, 1, 2])),
    "a file that is too large": () => writeFileSync(path, `${fileOf("beta")}#${"x".repeat(1_100_000)}`),
    "a secret that is not set": () =>
      writeFileSync(path, fileOf("beta").replace("kind: openai", "kind: openai, api_key: env:NOT_SET")),
    "no file": () => unlinkSync(path),
    "a directory": () => {
      rmSync(path, { force: true });
      mkdirSync(path);
    },
    "a link to nowhere": () => {
      rmSync(path, { recursive: true, force: true });
      symlinkSync("/nowhere/routes.yaml", path);
    },
    "a pipe": () => {
      rmSync(path, { force: true });
      Bun.spawnSync(["mkfifo", path]);
    },
    ...(process.getuid?.() === 0
      ? {}
      : {
          "a file that may not be read": () => {
            rmSync(path, { recursive: true, force: true });
            writeFileSync(path, fileOf("beta"));
            chmodSync(path, 0);
          },
        }),
  };

  test.each(Object.keys(breakages))(
    "%s never replaces a good one, and the next good one is taken",
    async (name) => {
      breakages[name]?.();
      await gateway.server.rollout.look();
      expect(gateway.server.rollout.deployment.attempted).toMatchObject({ state: "rejected" });
      const diagnostics = gateway.server.rollout.deployment.attempted?.diagnostics ?? [];
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(await labelOf(gateway)).toBe(good);
      expect(await reloadOk(gateway)).toBe(0);
      const { status, degraded } = await healthOf(gateway);
      expect([status, degraded]).toEqual(["degraded", expect.stringContaining("refused")]);
      expect((await fetch(`${gateway.url}/health`)).status).toBe(200);

      rmSync(path, { recursive: true, force: true });
      await gateway.write(fileOf("alpha"));
      expect(await reloadOk(gateway)).toBe(1);
      expect(await healthOf(gateway)).toMatchObject({ status: "ok", degraded: null });
      expect(await labelOf(gateway)).toBe(good);
    },
  );

  test("the beginning of a good file is refused at every byte, unless it means the same", () => {
    const whole = new TextEncoder().encode(fileOf("beta"));
    const judged = (bytes: Uint8Array) =>
      judge([{ name: "routes.yaml", bytes }], {
        engine: "0.1.0",
        variables: {},
        look: () => "set",
        mayBeOpen: true,
      });
    const full = judged(whole);
    if (!full.ok) throw new Error("the whole file is good");
    for (let length = 0; length < whole.length; length++) {
      const part = judged(whole.slice(0, length));
      if (part.ok) expect([length, part.snapshot.digest]).toEqual([length, full.snapshot.digest]);
    }
  });

  test("half a file, while it is written slowly in place, is never served", async () => {
    // Valid at the end of every line, so that only patience keeps the half of it out.
    const slow = `version: 1\nproviders: { alpha: { kind: openai, base_url: "${urlOf("alpha")}" } }\nmodels:\n  chat: { targets: [alpha/x] }\n${Array.from({ length: 40 }, (_, n) => `  m${n}: { targets: [alpha/x] }`).join("\n")}\n`;
    const seen = new Set<string>();
    let writing = true;
    const asking = (async () => {
      while (writing) seen.add(await labelOf(gateway));
    })();
    const handle = openSync(path, "w");
    for (const line of slow.split(/(?<=\n)/)) {
      writeSync(handle, line);
      await Bun.sleep(10);
    }
    closeSync(handle);
    await until(async () => (await labelOf(gateway)) !== good, "the whole file served");
    writing = false;
    await asking;
    seen.add(await labelOf(gateway));
    expect(seen.size).toBe(2);
    expect((await gateway.post("/v1/chat/completions", chat("m39"))).status).toBe(200);
  });
});
