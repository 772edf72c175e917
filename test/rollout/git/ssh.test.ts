import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasGit, type ServedRepository, startGitServer } from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";
import { follow, look } from "./scene.ts";

setDefaultTimeout(20_000);

/** Where it is not on the PATH, SSHD may say. */
const sshd = process.env["SSHD"] ?? Bun.which("sshd") ?? "/usr/sbin/sshd";
const { make, remove } = directories();
const directory = make();
const server = startGitServer();
const port = 20_000 + (process.pid % 20_000);
let daemon: ReturnType<typeof Bun.spawn> | null = null;
afterAll(() => {
  daemon?.kill();
  server.stop();
  remove();
});

const key = (name: string): string => {
  const path = join(directory, name);
  Bun.spawnSync(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
  return path;
};
const publicKey = (path: string) => readFileSync(`${path}.pub`, "utf8").trim();
const fingerprint = (path: string) =>
  /SHA256:\S+/.exec(Bun.spawnSync(["ssh-keygen", "-l", "-f", `${path}.pub`]).stdout.toString())?.[0] ??
  "none";
const knownHosts = (...lines: readonly string[]): string => {
  const path = join(directory, `known-${crypto.randomUUID()}`);
  writeFileSync(path, lines.map((line) => `[127.0.0.1]:${port} ${line}\n`).join(""));
  return path;
};

const config = join(directory, "sshd_config");
const isReady =
  hasGit && [sshd, "ssh", "ssh-keygen"].every((program) => Bun.which(program) !== null) && prepare();
if (!isReady) console.warn("sshd cannot be run: git sync over ssh is not tested");

/** Whether sshd takes the configuration, and this machine is made for it. */
function prepare(): boolean {
  for (const name of ["host", "other-host", "client", "stranger"]) key(name);
  writeFileSync(join(directory, "authorized"), `${publicKey(join(directory, "client"))}\n`, { mode: 0o600 });
  const settings = {
    Port: port,
    ListenAddress: "127.0.0.1",
    HostKey: join(directory, "host"),
    AuthorizedKeysFile: join(directory, "authorized"),
    PidFile: "none",
    StrictModes: "no",
    UsePAM: "no",
  };
  const lines = Object.entries(settings).map((pair) => `${pair.join(" ")}\n`);
  writeFileSync(config, lines.join(""));
  return Bun.spawnSync([sshd, "-t", "-f", config]).exitCode === 0;
}

describe.skipIf(!isReady)("over ssh", () => {
  let repository: ServedRepository;
  beforeAll(async () => {
    repository = server.repository("r.git");
    repository.commit({ "routes.yaml": "version: 1\n" });
    daemon = Bun.spawn([sshd, "-D", "-e", "-f", config], { stderr: "ignore" });
    await until(async () => {
      const open = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } }).catch(
        () => null,
      );
      open?.end();
      return open !== null;
    }, "sshd");
  });

  const me = Bun.spawnSync(["id", "-un"]).stdout.toString().trim();
  const followWith = (set: Record<string, string>) =>
    follow({ url: `ssh://${me}@127.0.0.1:${port}${repository.path}` }, make(), {
      GIT_SYNC_SSH_KEY: join(directory, "client"),
      GIT_SYNC_KNOWN_HOSTS: knownHosts(publicKey(join(directory, "host"))),
      ...set,
    });

  test("a branch is followed with the key and the host keys of the settings", async () => {
    const source = followWith({});
    expect([await look(source), source.sync().reason]).toMatchObject([{ files: {} }, null]);
    const sha = repository.commit({ "routes.yaml": "version: 1 # 2\n" });
    expect(await look(source)).toMatchObject({ sha });
  });

  test("a key that the server does not know is auth", async () => {
    const source = followWith({ GIT_SYNC_SSH_KEY: join(directory, "stranger") });
    expect(await look(source)).toBe("nothing");
    expect(source.sync().reason).toMatch(/^auth: 127\.0\.0\.1 refuses the credentials.*Permission denied/);
  });

  test("a host key that has changed is told with both fingerprints and the way out", async () => {
    const source = followWith({ GIT_SYNC_KNOWN_HOSTS: knownHosts(publicKey(join(directory, "other-host"))) });
    expect(await look(source)).toBe("nothing");
    const { reason } = source.sync();
    expect(reason).toStartWith("host_key: GIT_SYNC_KNOWN_HOSTS expects ");
    expect(reason).toContain(fingerprint(join(directory, "other-host")));
    expect(reason).toContain(fingerprint(join(directory, "host")));
    expect(reason).toContain(`ssh-keyscan -p ${port} 127.0.0.1`);
  });

  test("a host that is not known is told with its fingerprint", async () => {
    const source = followWith({ GIT_SYNC_KNOWN_HOSTS: knownHosts() });
    expect(await look(source)).toBe("nothing");
    expect(source.sync().reason).toMatch(/^host_key: GIT_SYNC_KNOWN_HOSTS has none of \[127\.0\.0\.1\]:\d+/);
    expect(source.sync().reason).toContain(fingerprint(join(directory, "host")));
  });

  test("a repository that is not there is not_found", async () => {
    const source = follow({ url: `ssh://${me}@127.0.0.1:${port}/none.git` }, make(), {
      GIT_SYNC_SSH_KEY: join(directory, "client"),
      GIT_SYNC_KNOWN_HOSTS: knownHosts(publicKey(join(directory, "host"))),
    });
    expect(await look(source)).toBe("nothing");
    expect(source.sync().reason).toMatch(/^not_found: /);
  });
});
