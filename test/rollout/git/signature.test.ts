import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CommitOptions,
  hasGit,
  type ServedRepository,
  startGitServer,
} from "../../support/git_server.ts";
import { directories } from "../../support/scratch.ts";
import { accept, fileWith, follow, look } from "./scene.ts";

setDefaultTimeout(20_000);

const server = startGitServer();
const keys = directories();
const { make, remove } = directories();
afterAll(() => {
  server.stop();
  keys.remove();
});
afterEach(remove);

let repository: ServedRepository;
let directory = "";
let count = 0;
beforeEach(() => {
  repository = server.repository(`r${count++}.git`);
  directory = make();
});

const routes = (n: number) => `version: 1\n# ${n}\n`;
const run = (command: readonly string[], env: Record<string, string> = {}): string => {
  const ran = Bun.spawnSync([...command], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  if (ran.exitCode !== 0) throw new Error(ran.stderr.toString());
  return ran.stdout.toString();
};

/** An ssh key: how to sign with it, and its line in a file of signers. */
function sshKey(principal: string) {
  const path = join(keys.make(), "key");
  run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
  const line = `${principal} ${readFileSync(`${path}.pub`, "utf8").trim()}\n`;
  return { line, sign: { configuration: ["gpg.format=ssh", `user.signingkey=${path}`] } };
}

type Sign = NonNullable<CommitOptions["sign"]>;
const commit = (n: number, sign?: Sign, more: Omit<CommitOptions, "sign"> = {}) =>
  repository.commit({ "routes.yaml": routes(n) }, sign === undefined ? more : { ...more, sign });
const signerIn = async (source: ReturnType<typeof follow>) => {
  const reading = await source.read({ force: true });
  return reading.kind === "candidate" && reading.candidate.origin.kind === "git"
    ? reading.candidate.origin.signer
    : reading;
};
const refused = (why: string) => [
  expect.stringMatching(new RegExp(`^unverified_commit routes.yaml The commit \\w{12} ${why}`)),
];

describe.skipIf(!hasGit || Bun.which("ssh-keygen") === null)("ssh signers", () => {
  let ada: ReturnType<typeof sshKey>;
  let eve: ReturnType<typeof sshKey>;
  beforeAll(() => {
    ada = sshKey("ada@example.com");
    eve = sshKey("eve@example.com");
  });
  const trusting = (...lines: readonly string[]) => {
    const file = fileWith(directory, "allowed", lines.join(""));
    return { file, source: follow(repository, directory, { GIT_SYNC_ALLOWED_SIGNERS: file }) };
  };

  test("are named by their principal", async () => {
    commit(1, ada.sign);
    const { source } = trusting(eve.line, ada.line);
    expect(await signerIn(source)).toBe("ada@example.com");
    expect(source.sync().state).toBe("ok");
  });

  test("refuse a commit that is not signed, or not by one of them, until a good one comes", async () => {
    const { source } = trusting(ada.line);
    commit(1, ada.sign);
    await accept(source);
    const unsigned = commit(2);
    expect(await look(source)).toEqual({
      refused: "verified",
      sha: unsigned,
      said: refused("is not signed"),
    });
    expect(source.sync()).toMatchObject({
      state: "refused",
      reason: expect.stringMatching(/^verify: .*not signed/),
    });
    const wrong = commit(2, eve.sign);
    const said = refused("is signed by a key that is not among the signers \\(ED25519 key SHA256:");
    expect(await look(source)).toEqual({ refused: "verified", sha: wrong, said });
    const good = commit(2, ada.sign);
    expect(await look(source)).toMatchObject({ sha: good });
    expect(source.sync()).toMatchObject({ state: "ok", reason: null });
  });

  test("do not mind a commit that is not signed and touches nothing of ours", async () => {
    const signed = commit(1, ada.sign);
    const { source } = trusting(ada.line);
    await accept(source);
    repository.commit({ "README.md": "x" });
    expect(await look(source)).toMatchObject({ sha: signed });
    const again = { lastAccepted: { sha: signed } };
    const restarted = follow(
      repository,
      directory,
      { GIT_SYNC_ALLOWED_SIGNERS: join(directory, "allowed") },
      again,
    );
    expect(await look(restarted)).toMatchObject({ sha: signed });
  });

  test("are asked again when their file changes, both ways", async () => {
    const first = commit(1, ada.sign);
    const { file, source } = trusting(ada.line);
    await accept(source);
    writeFileSync(file, eve.line);
    expect(await look(source)).toMatchObject({ refused: "verified", sha: first });
    const resigned = repository.commit({ "README.md": "x" }, { sign: eve.sign });
    expect(await look(source)).toMatchObject({ sha: resigned, files: { "routes.yaml": routes(1) } });
    writeFileSync(file, "");
    expect(await look(source)).toMatchObject({ refused: "verified" });
    writeFileSync(file, eve.line);
    expect(await look(source)).toMatchObject({ sha: resigned });
  });

  test("that cannot be read refuse everything, and say so", async () => {
    commit(1, ada.sign);
    const { file, source } = trusting(ada.line);
    rmSync(file);
    expect(await look(source)).toBe("nothing");
    expect(source.sync()).toEqual({
      state: "failing",
      reason: "verify: The file of GIT_SYNC_ALLOWED_SIGNERS cannot be read.",
      last_success: null,
    });
  });

  test("are not fooled by a signature that was taken from another commit", async () => {
    const good = commit(1, ada.sign);
    const { source } = trusting(ada.line);
    await accept(source);
    const raw = repository.git("cat-file", "commit", good);
    commit(2);
    const tree = repository.git("rev-parse", "main^{tree}");
    const forged = fileWith(
      directory,
      "forged",
      `${raw.replace(/^tree \w+/, `tree ${tree}\nparent ${good}`)}\n`,
    );
    const sha = repository.git("hash-object", "-t", "commit", "-w", forged);
    repository.git("update-ref", "refs/heads/main", sha);
    expect(await look(source)).toMatchObject({ refused: "verified", sha });
  });

  test("run no program of another form's signature", async () => {
    const canary = join(directory, "canary");
    const fake = fileWith(directory, "gpg", `#!/bin/sh\ntouch ${canary}\necho '[GNUPG:] GOODSIG 1 Eve'\n`);
    chmodSync(fake, 0o755);
    const signing = fileWith(
      directory,
      "sign",
      "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\n",
    );
    chmodSync(signing, 0o755);
    const sha = commit(1, { configuration: [`gpg.program=${signing}`] });
    const file = fileWith(directory, "allowed", ada.line);
    const environment = { PATH: `${directory}:${process.env["PATH"]}` };
    const source = follow(repository, directory, { GIT_SYNC_ALLOWED_SIGNERS: file }, { environment });
    expect(await look(source)).toMatchObject({ refused: "verified", sha });
    expect(await Bun.file(canary).exists()).toBe(false);
  });
});

describe.skipIf(!hasGit || Bun.which("gpg") === null)("OpenPGP keys", () => {
  let home = "";
  const exported = (who: string) => run(["gpg", "--batch", "--armor", "--export", who], { GNUPGHOME: home });
  const signing = (who: string): Sign => ({
    configuration: [`user.signingkey=${who}`],
    env: { GNUPGHOME: home },
  });
  beforeAll(() => {
    home = join(keys.make(), "gnupg");
    mkdirSync(home, { mode: 0o700 });
    for (const who of ["Forge <merge@forge.example>", "Eve <eve@example.com>"])
      run(["gpg", "--batch", "--passphrase", "", "--quick-gen-key", who, "ed25519", "sign"], {
        GNUPGHOME: home,
      });
  });
  afterAll(() => run(["gpgconf", "--kill", "all"], { GNUPGHOME: home }));

  test("are named by their user id; others and none are refused", async () => {
    commit(1, signing("merge@forge.example"));
    const file = fileWith(directory, "keys.asc", exported("merge@forge.example"));
    const source = follow(repository, directory, { GIT_SYNC_ALLOWED_SIGNERS: file });
    expect(await signerIn(source)).toBe("Forge <merge@forge.example>");
    commit(2, signing("eve@example.com"));
    const said = refused("is signed by a key that is not among the signers \\([0-9A-F]{16}\\)");
    expect(await look(source)).toMatchObject({ refused: "verified", said });
    commit(3);
    expect(await look(source)).toMatchObject({ refused: "verified", said: refused("is not signed") });
    writeFileSync(file, exported("merge@forge.example") + exported("eve@example.com"));
    const both = commit(4, signing("eve@example.com"));
    expect(await look(source)).toMatchObject({ sha: both });
    // No agent is left behind.
    expect(readdirSync(join(directory, "git"), { recursive: true }).join("\n")).not.toContain("S.gpg-agent");
  });
});
