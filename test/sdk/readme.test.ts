import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, startGateway } from "../support/gateway.ts";

setDefaultTimeout(20_000);

const root = join(import.meta.dir, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const clients = readme.split("\n## ").find((section) => section.startsWith("Clients")) ?? "";
/** The snippets of the section, by the language that they are marked with. */
const snippets = [...clients.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
  ([, language = "", code = ""], index) => ({
    name: `${index + 1}: ${code.split("\n").find((line) => /^(\/\/|import|from|curl)/.test(line)) ?? language}`,
    language,
    code,
  }),
);

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(readFileSync(join(root, "routes.yaml"), "utf8"));
});
afterAll(() => gateway.stop());

async function run(command: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, WEB_APP_KEY: "any" };
  const child = Bun.spawn([...command], { cwd: root, env, stdout: "pipe", stderr: "pipe" });
  const [out, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  return { code, out: code === 0 ? out : errors };
}

test("the README shows the OpenAI SDK, LangChain, the Vercel AI SDK and curl", () => {
  expect(snippets.map(({ language }) => language)).toEqual(["ts", "python", "ts", "ts", "sh"]);
});

test.each(snippets.filter(({ language }) => language === "ts" || language === "sh"))(
  "snippet $name is answered",
  async ({ language, code }) => {
    const here = code.replaceAll("http://127.0.0.1:8728", gateway.url);
    const { code: status, out } = await run(
      language === "ts" ? [process.execPath, "-e", here] : ["sh", "-c", here],
    );
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining("Hello") });
  },
);

const hasPython = Bun.spawnSync(["python3", "-c", "import openai"]).exitCode === 0;
test.skipIf(!hasPython)(
  "the snippet in Python is answered (skipped where Python has no openai)",
  async () => {
    const code = snippets.find(({ language }) => language === "python")?.code ?? "";
    const { code: status, out } = await run([
      "python3",
      "-c",
      code.replaceAll("http://127.0.0.1:8728", gateway.url),
    ]);
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining("Hello") });
  },
);
