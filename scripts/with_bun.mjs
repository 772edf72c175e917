/**
 * Runs Bun with the given arguments on a machine that may have Node only: `node scripts/with_bun.mjs test`.
 *
 * Takes the Bun on PATH when it satisfies `engines.bun` of package.json, else fetches that very version from the npm
 * registry into `.bun/`, which belongs to this checkout alone. Installs the dependencies when the lockfile asks for it.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
/** Exit code for something out of reach, as in the gateway's own table. */
const unreachable = 69;

const wanted = versionIn(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).engines.bun);
const bun = bunOnPath() ?? privateBun() ?? fetchBun();
installDependencies(bun.command);
run(bun, process.argv.slice(2));

/** The three numbers in `>=1.4.5` or `1.4.5`. */
function versionIn(text) {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found === null ? null : found.slice(1).map(Number);
}

/** Same major version, and not older than the one asked for. */
function satisfies(version) {
  if (version === null || version[0] !== wanted[0]) return false;
  return version[1] > wanted[1] || (version[1] === wanted[1] && version[2] >= wanted[2]);
}

function versionOf(command) {
  const asked = spawnSync(command, ["--version"], { encoding: "utf8", shell: windows && command === "bun" });
  return asked.status === 0 ? versionIn(asked.stdout) : null;
}

function bunOnPath() {
  return satisfies(versionOf("bun")) ? { command: "bun", folder: null } : null; // `folder` joins PATH
}

function privateBun() {
  return bunBelow(path.join(root, ".bun", wanted.join(".")));
}

/**
 * A Bun that npm has put below `folder`. The package's install script moves the platform's binary into `bun/bin`;
 * where npm was told not to run scripts it is still where the platform package had it.
 */
function bunBelow(folder) {
  const modules = path.join(folder, "node_modules");
  const platforms = path.join(modules, "@oven");
  const builds = existsSync(platforms) ? readdirSync(platforms) : [];
  const own = { command: path.join(modules, "bun", "bin", "bun.exe"), folder: path.join(modules, ".bin") };
  const others = builds.map((build) => {
    const bin = path.join(platforms, build, "bin");
    return { command: path.join(bin, windows ? "bun.exe" : "bun"), folder: bin };
  });
  return [own, ...others].find(({ command }) => existsSync(command) && satisfies(versionOf(command))) ?? null;
}

function fetchBun() {
  const version = wanted.join(".");
  const home = path.join(root, ".bun");
  // Beside its final place, then renamed: `npm start` and `npm test` may run at the same time.
  const draft = path.join(home, `.${version}-${process.pid}`);
  const place = path.join(home, version);
  say(`No Bun ${version} on PATH: fetching it into .bun/ …`);
  mkdirSync(draft, { recursive: true });
  npm([
    "install",
    "--prefix",
    draft,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    `bun@${version}`,
  ]);
  if (bunBelow(draft) === null)
    spawnSync(process.execPath, [path.join(draft, "node_modules", "bun", "install.js")]);
  if (bunBelow(draft) === null) {
    rmSync(draft, { recursive: true, force: true });
    fail(
      `Bun ${version} could not be fetched from the npm registry. Install it from https://bun.com and try again.`,
    );
  }
  try {
    if (privateBun() === null) rmSync(place, { recursive: true, force: true });
    renameSync(draft, place);
  } catch {
    rmSync(draft, { recursive: true, force: true }); // another run was first
  }
  return privateBun() ?? fail(`Bun was fetched, but ${place} cannot be written.`);
}

/** Runs npm; started by npm itself it is the same one, wherever that lives. */
function npm(args) {
  const self = process.env.npm_execpath ?? "";
  const own = path.basename(self) === "npm-cli.js";
  const [command, ...before] = own ? [process.execPath, self] : ["npm"];
  const options = { encoding: "utf8", shell: windows && !own, cwd: root };
  const done = spawnSync(command, [...before, ...args], options);
  if (done.status !== 0) say((done.stderr || done.error?.message || "npm failed").trim());
}

/** The digest of the lockfile that `node_modules` was made from is kept inside it, so an unchanged one costs nothing. */
function installDependencies(command) {
  const digest = createHash("sha256")
    .update(readFileSync(path.join(root, "bun.lock")))
    .digest("hex");
  const stamp = path.join(root, "node_modules", ".made-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  say("Installing dependencies …");
  const args = ["install", "--frozen-lockfile"];
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8", shell: windows && command === "bun" });
  if (done.status !== 0) {
    say(`${done.stdout ?? ""}${done.stderr ?? ""}`.trim());
    fail("The dependencies could not be installed.");
  }
  writeFileSync(stamp, digest);
}

/** Becomes Bun, as far as the outside can tell: its standard streams, its signals, its exit code. */
function run({ command, folder }, args) {
  const env = { ...process.env };
  // Read once at start; without it Bun lets few requests out at a time.
  env.BUN_CONFIG_MAX_HTTP_REQUESTS ??= "65535";
  if (folder !== null) env.PATH = `${folder}${path.delimiter}${env.PATH ?? ""}`;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends these two to the child as well; once is enough.
      if (signal !== "SIGTERM" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  // Only now: between its start and the listeners a signal would end this process alone.
  const child = spawn(command, args, { stdio: "inherit", env, shell: windows && command === "bun" });
  if (process.env.npm_lifecycle_event !== undefined) followParent(child);
  child.on("error", (error) => fail(`Bun did not start: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
}

/** npm tells its shell of a signal, and the shell dies without telling us; so nobody would stop the gateway. */
function followParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 200);
  watch.unref();
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(unreachable);
}
