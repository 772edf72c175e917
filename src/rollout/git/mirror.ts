import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../core/result.ts";
import type { Secret } from "../../core/secret.ts";
import type { Ran } from "../../runtime/command.ts";
import { brokenCopy, type Failure, failureOf, unexplained } from "./failure.ts";
import type { Git } from "./git.ts";
import { explainHostKey } from "./host_key.ts";

/** A commit, as its own bytes have it. */
export interface Commit {
  /** 40 or 64 hex digits. */
  readonly sha: string;
  /** `Name <address>` */
  readonly author: string;
}

/** Where the fetched tip is kept. */
const tipRef = "refs/switchyard/tip";
/** Nothing is ever packed anew or pruned; a copy is made afresh after so many moves of the tip instead. */
const mostMoves = 1_000;
/** How far a shallow copy reaches back for a commit, step by step: a whole history can be long. */
const reaches = [["--deepen=50"], ["--deepen=1000"], ["--unshallow"]] as const;

/** How hashes are made. A repository of the newer kind is told apart by its refusing the older. */
const formats = [[], ["--object-format=sha256"]] as const;

/** How a fetch ended. The error is null where the copy itself is to be suspected. */
type Reached = { readonly ran: Ran } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly error: Failure | null }
);

/**
 * Our copy of one ref: a bare repository, shallow at first. It is disposable: locks that a killed process left, damage and
 * whatever else git cannot explain by the remote are answered by a new clone beside it, which takes its place by a rename.
 */
export class Mirror {
  readonly #git: Git;
  readonly #path: string;
  #moves = 0;
  #tip: string | null = null;
  /** Secrets that the remote could echo. */
  #secrets: readonly Secret[] = [];

  constructor(git: Git) {
    this.#git = git;
    this.#path = git.den.repository;
  }

  /** Runs a command on the copy, without the remote. */
  read(
    args: readonly string[],
    configuration: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    return this.#git.local(this.#path, args, configuration, environment);
  }

  /** Brings the tip of the ref here. */
  async fetch(secrets: readonly Secret[]): Promise<Result<Commit, Failure>> {
    this.#secrets = secrets;
    if (!existsSync(join(this.#path, "HEAD")) || this.#moves > mostMoves) return this.renew();
    const fetched = await this.#reach(this.#path, []);
    if (!fetched.ok) return fetched.error === null ? this.renew() : err(fetched.error);
    const tip = await this.commit(tipRef);
    if (tip === null) return this.renew();
    if (tip.sha !== this.#tip) this.#moves += 1;
    this.#tip = tip.sha;
    return ok(tip);
  }

  /** Clones anew, beside the copy, and swaps. */
  async renew(): Promise<Result<Commit, Failure>> {
    const { den, settings } = this.#git;
    const fresh = join(den.root, "fresh.git");
    const old = join(den.root, "old.git");
    const remove = (path: string) => rm(path, { recursive: true, force: true });
    await remove(old);
    const fetched = await this.#cloneInto(fresh, formats[0]);
    if (!fetched.ok) {
      await remove(fresh);
      return err(fetched.error ?? unexplained(fetched.ran, settings.address.host, this.#secrets));
    }
    await rename(this.#path, old).catch(() => {}); // there may be none
    await rename(fresh, this.#path);
    await remove(old);
    this.#moves = 0;
    const tip = await this.commit(tipRef);
    this.#tip = tip?.sha ?? null;
    return tip === null ? err(brokenCopy(fetched.ran)) : ok(tip);
  }

  async #cloneInto(fresh: string, format: (typeof formats)[number]): Promise<Reached> {
    await rm(fresh, { recursive: true, force: true });
    const ran = await this.#git.local(fresh, ["init", "--bare", "--quiet", "--template=", ...format]);
    if (ran.code !== 0) return { ok: false, ran, error: brokenCopy(ran) };
    const fetched = await this.#reach(fresh, ["--depth=1"]);
    const isOther = format === formats[0] && /mismatched algorithms/.test(fetched.ran.stderr);
    return isOther ? this.#cloneInto(fresh, formats[1]) : fetched;
  }

  /** A commit of the copy by its hash; null where the copy does not have it. */
  async commit(name: string): Promise<Commit | null> {
    const format = "--format=%H%x00%an <%ae>";
    const said = await this.read(["log", "-1", "--no-color", "--no-decorate", format, name, "--"]);
    if (said.code !== 0) return null;
    const [sha = "", author = ""] = new TextDecoder().decode(said.stdout).trimEnd().split("\0");
    return { sha, author: author.replace(/\p{C}/gu, "?").slice(0, 200) };
  }

  /** Whether `base` is the tip or one of its ancestors; null when our copy cannot tell. */
  async descends(tip: string, base: string): Promise<Result<boolean | null, Failure>> {
    if (tip === base) return ok(true);
    for (const reach of [null, ...reaches]) {
      if (reach !== null) {
        if (!existsSync(join(this.#path, "shallow"))) break;
        const fetched = await this.#reach(this.#path, reach);
        if (!fetched.ok) return fetched.error === null ? ok(null) : err(fetched.error);
      }
      if ((await this.commit(base)) === null) continue;
      const { code } = await this.read(["merge-base", "--is-ancestor", base, tip]);
      return ok(code === 0 ? true : code === 1 ? false : null);
    }
    return ok(false);
  }

  /** One fetch of the one ref. */
  async #reach(repository: string, depth: readonly string[]): Promise<Reached> {
    const { settings, deadlineMs } = this.#git;
    const ran = await this.#git.remote(repository, [
      "fetch",
      ...["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", ...depth],
      "--end-of-options",
      settings.address.url,
      `+${settings.ref.full}:${tipRef}`,
    ]);
    if (ran.code === 0) return { ok: true, ran };
    const { host } = settings.address;
    const error = failureOf(ran, { host, ref: settings.ref.full, deadlineMs, secrets: this.#secrets });
    return {
      ok: false,
      ran,
      error: error?.kind === "host_key" ? await explainHostKey(this.#git, ran.stderr) : error,
    };
  }
}
