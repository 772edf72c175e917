import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { chat, type Running, startGateway } from "../../support/gateway.ts";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";
import { everythingIn, fileWith } from "./scene.ts";

setDefaultTimeout(20_000);

const server = startGitServer();
const { make, remove } = directories();
afterAll(server.stop);

let repository: ServedRepository;
let directory = "";
let gateway: Running | null = null;
let count = 0;
beforeEach(() => {
  repository = server.repository(`r${count++}.git`);
  directory = make();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
  server.behave = null;
  server.token = null;
  remove();
});

const routes = (model: string) =>
  `version: 1\nproviders: { demo: { kind: simulated, models: { "*": { price: free } } } }\nmodels: { ${model}: { targets: [demo/demo] } }\n`;
const secret = "hook-canary-5b1c";
const token = "token-canary-9f2e";

async function start(args: readonly string[] = []): Promise<Running> {
  const followed = ["--git-sync-repo", repository.url, "--git-sync-cron", "0 0 1 1 *"];
  const env = { GIT_SYNC_WEBHOOK_SECRET: secret, PATH: process.env["PATH"] ?? "" };
  gateway = await startGateway(routes("from-the-file"), { directory, args: [...followed, ...args], env });
  return gateway;
}
const models = async ({ url }: Running) => {
  const { data } = await (await fetch(`${url}/v1/models`)).json();
  return data.map(({ id }: { readonly id: string }) => id);
};
const push = (running: Running, about: object = {}, key = secret) => {
  const body = JSON.stringify({ ref: "refs/heads/main", at: crypto.randomUUID(), ...about });
  const signature = createHmac("sha256", key).update(body).digest("hex");
  return running.post("/hooks/git", body, { "x-hub-signature-256": `sha256=${signature}` });
};

describe.skipIf(!hasGit)("a gateway that follows a repository", () => {
  test("serves what the repository says and not the file, and takes a push when it is told of it", async () => {
    repository.commit({ "routes.yaml": routes("one") });
    const running = await start();
    expect(await models(running)).toEqual(["one"]);
    repository.commit({ "routes.yaml": routes("two") });
    const told = await push(running);
    expect([told.status, await told.json()]).toEqual([202, { accepted: true, looks: true }]);
    await until(async () => (await models(running))[0] === "two", "the pushed commit");
  });

  test("goes on serving through a bad commit, a force-push and an outage, and takes the next good commit", async () => {
    const first = repository.commit({ "routes.yaml": routes("one") });
    const running = await start();
    const { rollout } = running.server;
    const serves = async (model: string) => {
      expect((await running.post("/v1/chat/completions", chat(model))).status).toBe(200);
    };
    const bad = repository.commit({ "routes.yaml": "version: 1\nmodels: {" });
    await rollout.look({ force: true });
    expect(rollout.deployment.attempted).toMatchObject({ state: "rejected", gitSha: bad });
    await serves("one");
    repository.commit({ "routes.yaml": routes("two") }, { parent: first });
    server.behave = () => new Response("", { status: 503 });
    await rollout.look({ force: true });
    await serves("one");
    server.behave = null;
    await rollout.look({ force: true });
    await serves("two");
    repository.commit({ "routes.yaml": routes("forced") }, { parent: null });
    await rollout.look({ force: true });
    await serves("two");
  });

  test("starts on the last known good while the remote is out of reach, and without one says why not", async () => {
    repository.commit({ "routes.yaml": routes("one") });
    server.token = token;
    const file = fileWith(directory, "token", token);
    const args = ["--git-sync-token-file", file];
    await (await start(args)).stop();
    server.token = "rotated";
    const again = await start(args);
    expect(await models(again)).toEqual(["one"]);
    expect(await (await fetch(`${again.url}/health`)).text()).not.toContain(token);
    await again.stop();
    expect(everythingIn(directory).replace(`token ${token}`, "")).not.toContain(token);
    directory = make();
    await expect(start(args)).rejects.toThrow(/bad_include .* cannot be followed. auth: 127.0.0.1 refuses/);
  });
});

describe.skipIf(!hasGit)("POST /hooks/git", () => {
  test("answers 401 to what is not signed, and looks only for what is new and ours", async () => {
    repository.commit({ "routes.yaml": routes("one") });
    const running = await start();
    server.requests.length = 0;
    const wrong = await push(running, {}, "another secret");
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ error: { code: "invalid_api_key" } });
    expect((await running.post("/hooks/git", "{}")).status).toBe(401);
    expect(await (await push(running, { ref: "refs/heads/other" })).json()).toMatchObject({ looks: false });
    const large = await running.post("/hooks/git", "x".repeat(8 * 1024 * 1024 + 1));
    expect(large.status).toBe(413);
    expect((await fetch(`${running.url}/hooks/git`)).status).toBe(405);
    expect(server.requests).toEqual([]);
    await push(running, { at: "the same" });
    expect(await (await push(running, { at: "the same" })).json()).toMatchObject({ looks: false });
  });

  test("answers 401 where no webhook is wanted, and names the setting", async () => {
    gateway = await startGateway(routes("one"), { directory });
    const answer = await push(gateway);
    expect([answer.status, await answer.text()]).toEqual([
      401,
      expect.stringContaining("GIT_SYNC_WEBHOOK_SECRET is not set"),
    ]);
  });
});
