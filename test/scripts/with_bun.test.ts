import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

setDefaultTimeout(20_000);

const node = Bun.which("node");
const { version } = Bun;
const scratch = mkdtempSync(join(tmpdir(), "switchyard-with-bun-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A checkout whose dependencies are there, and a PATH that has node and, as `bun`, whatever is asked for. */
function checkout(name: string, wanted: string, bun: string | null) {
  const root = join(scratch, name);
  mkdirSync(join(root, "scripts"), { recursive: true });
  mkdirSync(join(root, "bin"));
  copyFileSync(join(import.meta.dir, "../../scripts/with_bun.mjs"), join(root, "scripts/with_bun.mjs"));
  writeFileSync(join(root, "package.json"), JSON.stringify({ name, engines: { bun: wanted } }));
  // As after an install: the lockfile's digest stands beside what was made from it.
  writeFileSync(join(root, "bun.lock"), name);
  mkdirSync(join(root, "node_modules"));
  writeFileSync(
    join(root, "node_modules/.made-from"),
    new Bun.CryptoHasher("sha256").update(name).digest("hex"),
  );
  symlinkSync(node ?? "", join(root, "bin/node"));
  if (bun !== null) symlinkSync(bun, join(root, "bin/bun"));
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    Bun.spawn([node ?? "node", join(root, "scripts/with_bun.mjs"), ...args], {
      cwd: root,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { HOME: root, PATH: join(root, "bin"), ...env },
    });
  return { root, run };
}

/** Reads until the word has come; a pipe may give less than that at a time. */
async function untilSaid(stream: ReadableStream<Uint8Array>, word: string): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let said = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    said += decoder.decode(piece.value, { stream: true });
    if (said.includes(word)) return;
  }
  throw new Error(`ended without ${word}: ${said}`);
}

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

describe.skipIf(node === null)("with_bun", () => {
  const fitting = () => checkout(`fitting-${crypto.randomUUID()}`, `>=${version}`, process.execPath);

  test("hands arguments and exit code through", async () => {
    const child = fitting().run(["-e", "console.log(process.argv.at(-1)); process.exit(9)", "last"]);
    expect(await textOf(child.stdout)).toBe("last\n");
    expect(await child.exited).toBe(9);
  });

  test.each([
    { name: "is raised", env: {}, expected: "65535" },
    { name: "stays as set", env: { BUN_CONFIG_MAX_HTTP_REQUESTS: "7" }, expected: "7" },
  ])("the cap on requests in flight $name", async ({ env, expected }) => {
    const child = fitting().run(["-e", "console.log(process.env.BUN_CONFIG_MAX_HTTP_REQUESTS)"], env);
    expect(await textOf(child.stdout)).toBe(`${expected}\n`);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s reaches the program", async (signal) => {
    const { root, run } = fitting();
    const program = join(root, "wait.ts");
    writeFileSync(
      program,
      // Said a moment later: on a busy machine the platform may not listen for the signal yet.
      `process.on("${signal}", () => process.exit(5)); setInterval(() => {}, 1000); setTimeout(() => console.log("ready"), 100);`,
    );
    const child = run([program]);
    await untilSaid(child.stdout, "ready");
    child.kill(signal);
    expect(await child.exited).toBe(5);
  });

  test("a Bun that is too old, with no registry in reach, is one clear line", async () => {
    const old = join(scratch, "old-bun");
    writeFileSync(old, "#!/bin/sh\necho 1.0.0\n");
    chmodSync(old, 0o755);
    const { root, run } = checkout("too-old", ">=1.4.5", old);
    symlinkSync("/bin/sh", join(root, "bin/sh"));
    const npm = Bun.which("npm");
    if (npm !== null) symlinkSync(npm, join(root, "bin/npm"));
    const unreachable = { npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0" };
    const child = run(["--version"], unreachable);
    const said = await textOf(child.stderr);
    expect(said).toContain("fetching it into .bun/");
    expect(said.trimEnd().split("\n").at(-1)).toStartWith("Bun 1.4.5 could not be fetched");
    expect(await child.exited).toBe(69);
  });

  test("a binary that npm has put into .bun is used, scripts or none", async () => {
    const { root, run } = checkout("private", `>=${version}`, null);
    const bin = join(root, ".bun", version, "node_modules/@oven/bun-any/bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, "bun"));
    const child = run(["-e", "console.log(Bun.which('bun'))"]);
    expect(dirname((await textOf(child.stdout)).trim())).toBe(bin);
  });
});
