import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { type Child, cores, start } from "./child.ts";
import type { Contender } from "./options.ts";
import { installPortkey } from "./portkey.ts";
import { models } from "./wire.ts";

/** How to start a contender and how to talk to it. */
export interface Launch {
  readonly child: Child;
  readonly url: URL;
  /** Answers 200 once the gateway is up. */
  readonly ready: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Starts a contender before the given upstream; a sentence when this machine cannot. */
export type Starter = (upstream: number, scratch: string) => Promise<Launch | string>;

const here = import.meta.dir;

/** Everything that can be measured, except the upstream itself. */
export const starters: Readonly<Record<Exclude<Contender, "direct">, Starter>> = {
  nginx,
  "bare-bun": bareBun,
  "portkey-node": (upstream, scratch) => portkey("node", upstream, scratch),
  "portkey-bun": (upstream, scratch) => portkey("bun", upstream, scratch),
  switchyard,
};

function launch(
  child: Child,
  port: number,
  ready: string,
  headers: Readonly<Record<string, string>> = {},
): Launch {
  const base = `http://127.0.0.1:${port}`;
  return { child, url: new URL(`${base}/v1/chat/completions`), ready: new URL(`${base}${ready}`), headers };
}

async function nginx(upstream: number, scratch: string): Promise<Launch | string> {
  const binary = Bun.which("nginx") ?? Bun.which("nginx", { PATH: "/usr/sbin:/usr/local/sbin:/sbin" });
  if (binary === null) return "nginx is not installed (Debian: apt-get install nginx-light)";
  const port = await freePort();
  const folder = path.join(scratch, "nginx");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off; ${temporary.join(" ")}
  keepalive_requests 100000000; client_body_buffer_size 1m; client_max_body_size 64m;
  upstream mock { server 127.0.0.1:${upstream}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}
`,
  );
  return launch(start([binary, "-p", folder, "-c", file], cores.gateway), port, "/v1/models");
}

async function bareBun(upstream: number): Promise<Launch | string> {
  const child = start(
    [process.execPath, path.join(here, "bare_proxy.ts"), `http://127.0.0.1:${upstream}`],
    cores.gateway,
  );
  return launch(child, Number(await child.firstLine), "/v1/models");
}

async function portkey(runtime: "node" | "bun", upstream: number, scratch: string): Promise<Launch | string> {
  const command = runtime === "bun" ? process.execPath : Bun.which("node");
  if (command === null) return "node is not installed";
  const server = installPortkey(scratch);
  if (!server.ok) return server.error;
  const port = await freePort();
  const child = start([command, server.value, "--headless", `--port=${port}`], cores.gateway, {
    NODE_ENV: "production",
  });
  return launch(child, port, "/", {
    authorization: "Bearer sk-bench-client",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `http://127.0.0.1:${upstream}/v1`,
  });
}

/** With everything on: a key with limits, limits on provider and target, metrics and logs as they ship. */
async function switchyard(upstream: number, scratch: string): Promise<Launch | string> {
  const port = await freePort();
  const folder = path.join(scratch, "switchyard");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "routes.yaml");
  const limits = "{ rpm: 1000M, tpm: 1000000M, rpd: 1000M, concurrency: 100k }";
  const names = Object.values(models);
  writeFileSync(
    file,
    `version: 1
auth: { keys: [{ id: bench, secret: env:BENCH_CLIENT, limits: ${limits} }] }
providers:
  mock: { kind: openai, base_url: "http://127.0.0.1:${upstream}/v1", api_key: env:BENCH_UPSTREAM, limits: ${limits}, models: { "*": { price: { input: 1, output: 2 } } } }
models:
${names.map((name) => `  ${name}: { targets: [{ provider: mock, model: ${name}, limits: ${limits} }], defaults: { top_p: 0.9 } }`).join("\n")}
`,
  );
  const root = path.join(here, "..", "..");
  const child = start([process.execPath, path.join(root, "src/index.ts"), "serve"], cores.gateway, {
    CONFIG: file,
    HOST: "127.0.0.1",
    PORT: `${port}`,
    DATA_DIR: path.join(folder, "data"),
    LOG_DIR: path.join(folder, "logs"),
    BENCH_CLIENT: "sk-bench-client-0000000000000000",
    BENCH_UPSTREAM: "sk-bench-upstream-000000000000000",
  });
  return launch(child, port, "/health", { authorization: "Bearer sk-bench-client-0000000000000000" });
}

/** A port that was free a moment ago, for those that cannot say which one they took. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return promise;
}
