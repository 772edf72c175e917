import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { err, ok, type Result } from "../../src/core/result.ts";

const version = "1.15.2";

/** The versions in Portkey's own lockfile; with newer ones, which npm would choose, its streaming is broken. */
const pins = { hono: "4.9.7", "@hono/node-server": "1.13.5" };

/** Portkey from npm, installed once into the user's cache; the path of its server, or why there is none. */
export function installPortkey(scratch: string): Result<string, string> {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  const folder = path.join(cache, "switchyard-bench", `portkey-${version}`);
  const server = path.join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");
  if (existsSync(server)) return ok(server);
  const npm = Bun.which("npm");
  if (npm === null) return err("@portkey-ai/gateway is not installed, and there is no npm to do it");

  console.error(`Installing @portkey-ai/gateway@${version} into ${folder} …`);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { "@portkey-ai/gateway": version, ...pins },
    overrides: pins,
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = Bun.spawnSync([npm, ...args], {
    cwd: folder,
    stdin: "ignore",
    env: { ...process.env, TMPDIR: scratch },
  });
  if (existsSync(server)) return ok(server);
  return err(
    `@portkey-ai/gateway could not be installed: ${done.stderr.toString().trim().split("\n")[0] ?? "npm failed"}`,
  );
}
