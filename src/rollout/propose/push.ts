import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../core/result.ts";
import type { Secret } from "../../core/secret.ts";
import type { Ran } from "../../runtime/command.ts";
import { brokenCopy, failureOf, reasonOf, unexplained } from "../git/failure.ts";
import type { Git } from "../git/git.ts";
import type { Mirror } from "../git/mirror.ts";
import type { Byline, Changes, Submitted } from "./desk.ts";

/** What a branch is made and pushed with. */
export interface Pushing {
  readonly git: Git;
  readonly mirror: Mirror;
  /** What the remote could echo. */
  readonly secrets: readonly Secret[];
}

/** Names of admin keys are no addresses: this one leads to nobody (RFC 6761). */
const domain = "switchyard.invalid";
const committer = "Switchyard";

/**
 * Makes one commit of the changes on `tip`, by whoever proposes them, and pushes it as a branch of its own. No work tree, no
 * hook; an index of its own that is gone afterwards. The error is a sentence.
 */
export async function pushBranch(
  pushing: Pushing,
  tip: string,
  changes: Changes,
  byline: Byline,
): Promise<Result<Submitted, string>> {
  const { git, secrets } = pushing;
  const scratch = join(git.den.temporary, crypto.randomUUID());
  const files = { index: `${scratch}.index`, text: `${scratch}.text` };
  try {
    const commit = await commitOf(pushing, tip, changes, byline, files);
    if (!commit.ok) return err(`The commit cannot be made: ${reasonOf(brokenCopy(commit.error, secrets))}`);
    return await push(pushing, commit.value);
  } finally {
    for (const file of Object.values(files)) await rm(file, { force: true });
  }
}

interface Scratch {
  readonly index: string;
  readonly text: string;
}

async function commitOf(
  { mirror }: Pushing,
  tip: string,
  changes: Changes,
  byline: Byline,
  { index, text }: Scratch,
): Promise<Result<string, Ran>> {
  const run = async (args: readonly string[]): Promise<Result<string, Ran>> => {
    const ran = await mirror.read(args, [], { GIT_INDEX_FILE: index, ...signedBy(byline) });
    return ran.code === 0 ? ok(new TextDecoder().decode(ran.stdout).trim()) : err(ran);
  };
  const begun = await run(["read-tree", tip]);
  if (!begun.ok) return begun;
  for (const [path, bytes] of changes) {
    await writeFile(text, bytes, { mode: 0o600 });
    const blob = await run(["hash-object", "-w", "--no-filters", "--", text]);
    if (!blob.ok) return blob;
    const before = await run(["ls-tree", "--full-tree", tip, "--", path]);
    const mode = before.ok && before.value.startsWith("100755") ? "100755" : "100644";
    const entered = await run(["update-index", "--add", "--cacheinfo", `${mode},${blob.value},${path}`]);
    if (!entered.ok) return entered;
  }
  const tree = await run(["write-tree"]);
  if (!tree.ok) return tree;
  await writeFile(text, messageOf(changes, byline), { mode: 0o600 });
  return run(["commit-tree", tree.value, "-p", tip, "-F", text]);
}

async function push({ git, secrets }: Pushing, commit: string): Promise<Result<Submitted, string>> {
  const { address, ref } = git.settings;
  const branch = `switchyard/propose-${commit.slice(0, 8)}`;
  const ran = await git.remote(git.den.repository, [
    "push",
    ...["--quiet", "--no-verify", "--end-of-options"],
    address.url,
    `${commit}:refs/heads/${branch}`,
  ]);
  if (ran.code === 0) return ok({ kind: "git", repo: address.url, branch, commit });
  const attempt = { host: address.host, ref: ref.full, deadlineMs: git.deadlineMs, secrets };
  const failure = failureOf(ran, attempt) ?? unexplained(ran, address.host, secrets);
  return err(`The branch cannot be pushed: ${reasonOf(failure)}`);
}

const signedBy = ({ who }: Byline): Readonly<Record<string, string>> => ({
  GIT_AUTHOR_NAME: who,
  GIT_AUTHOR_EMAIL: `${who}@${domain}`,
  GIT_COMMITTER_NAME: committer,
  GIT_COMMITTER_EMAIL: `noreply@${domain}`,
});

/** The words of whoever proposes, and where they came from. */
function messageOf(changes: Changes, { who, message, reason }: Byline): string {
  const said = message.trim() === "" ? `Change ${[...changes.keys()].join(", ")}` : message.trim();
  return `${said}\n\nReason: ${reason}\nProposed-by: ${who}, through the admin API of Switchyard\n`;
}
