import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const fileOf = (name: "alpha" | "beta", more = "") => `version: 1
${more}models: { chat: { targets: [${name}/model] } }
providers: { ${name}: { kind: simulated } }
`;

const labelOf = async (gateway: Running): Promise<string> => {
  const response = await gateway.post("/v1/chat/completions", chat("chat"));
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get("x-gateway-config") ?? "";
};

describe("a save is seen within 3 s, without anyone telling", () => {
  const start = async (prepare: (dir: string) => string) => {
    const directory = mkdtempSync(join(tmpdir(), "switchyard-save-"));
    const config = prepare(directory);
    const gateway = await startGateway(fileOf("alpha"), { directory, args: ["--config", config] });
    return { gateway, directory, config };
  };
  const plain = (dir: string) => {
    writeFileSync(join(dir, "own.yaml"), fileOf("alpha"));
    return join(dir, "own.yaml");
  };
  const linked = (dir: string) => {
    mkdirSync(join(dir, "versions"));
    writeFileSync(join(dir, "versions/v1.yaml"), fileOf("alpha"));
    writeFileSync(join(dir, "versions/v2.yaml"), fileOf("beta"));
    symlinkSync("versions/v1.yaml", join(dir, "own.yaml"));
    return join(dir, "own.yaml");
  };
  const mounted = (dir: string) => {
    const mount = join(dir, "mount");
    mkdirSync(join(mount, "..2026_01"), { recursive: true });
    writeFileSync(join(mount, "..2026_01/routes.yaml"), fileOf("alpha"));
    symlinkSync("..2026_01", join(mount, "..data"));
    symlinkSync("..data/routes.yaml", join(mount, "routes.yaml"));
    return join(mount, "routes.yaml");
  };
  const beta = (path: string) => writeFileSync(path, fileOf("beta"));

  const saves: Readonly<
    Record<string, readonly [(dir: string) => string, (config: string, dir: string) => void]>
  > = {
    "in place": [plain, (config) => beta(config)],
    "by an atomic rename": [
      plain,
      (config) => {
        beta(`${config}.tmp`);
        renameSync(`${config}.tmp`, config);
      },
    ],
    "by an editor that keeps a backup": [
      plain,
      (config) => {
        renameSync(config, `${config}~`);
        beta(config);
        unlinkSync(`${config}~`);
      },
    ],
    "by deleting and writing anew": [
      plain,
      (config) => {
        unlinkSync(config);
        beta(config);
      },
    ],
    "by swapping a link": [
      linked,
      (config, dir) => {
        symlinkSync("versions/v2.yaml", join(dir, "next"));
        renameSync(join(dir, "next"), config);
      },
    ],
    "behind a link, by a rename": [
      linked,
      (_, dir) => renameSync(join(dir, "versions/v2.yaml"), join(dir, "versions/v1.yaml")),
    ],
    "by Kubernetes": [
      mounted,
      (_, dir) => {
        const mount = join(dir, "mount");
        mkdirSync(join(mount, "..2026_02"));
        beta(join(mount, "..2026_02/routes.yaml"));
        symlinkSync("..2026_02", join(mount, "..data_tmp"));
        renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
        rmSync(join(mount, "..2026_01"), { recursive: true });
      },
    ],
    "where events are missed, the directory being another one": [
      (dir) => {
        mkdirSync(join(dir, "conf"));
        return plain(join(dir, "conf"));
      },
      (config, dir) => {
        mkdirSync(join(dir, "conf2"));
        beta(join(dir, "conf2/own.yaml"));
        renameSync(join(dir, "conf"), join(dir, "conf1"));
        renameSync(join(dir, "conf2"), join(dir, "conf"));
        expect(readFileSync(config, "utf8")).toBe(fileOf("beta"));
      },
    ],
    "with the old time and size": [
      plain,
      (config) => {
        copyFileSync(config, `${config}.old`);
        beta(config);
        Bun.spawnSync(["touch", "-r", `${config}.old`, config]);
      },
    ],
  };

  test.each(Object.keys(saves))("%s", async (name) => {
    const [prepare, save] = saves[name] ?? [plain, () => {}];
    const { gateway, directory, config } = await start(prepare);
    expect(await labelOf(gateway)).toMatch(/^1-/);
    save(config, directory);
    await until(async () => (await labelOf(gateway)).startsWith("2-"), "the new file served", 3_000);
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });

  test("of an included file", async () => {
    const { gateway, directory } = await start((dir) => {
      mkdirSync(join(dir, "teams"));
      writeFileSync(join(dir, "teams/one.yaml"), "aliases: { one: chat }\n");
      writeFileSync(join(dir, "own.yaml"), fileOf("alpha", "include: [teams/*.yaml]\n"));
      return join(dir, "own.yaml");
    });
    expect((await gateway.post("/v1/chat/completions", chat("one"))).status).toBe(200);
    writeFileSync(join(directory, "teams/one.yaml"), "aliases: { two: chat }\n");
    await until(async () => (await labelOf(gateway)).startsWith("2-"), "the change served", 3_000);
    expect((await gateway.post("/v1/chat/completions", chat("two"))).status).toBe(200);
    writeFileSync(join(directory, "teams/three.yaml"), "aliases: { three: chat }\n");
    await until(async () => (await labelOf(gateway)).startsWith("3-"), "the new file served", 3_000);
    await gateway.stop();
    rmSync(directory, { recursive: true });
  });
});
