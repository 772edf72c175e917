import { diagnostic } from "../../config/diagnostic.ts";
import { topOf } from "../../config/tree.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Origin, Reading } from "../source.ts";
import { type Contents, contentsOf } from "./contents.ts";
import { type Failure, fail } from "./failure.ts";
import type { Commit, Mirror } from "./mirror.ts";
import type { GitSettings } from "./settings.ts";
import { signerOf } from "./signature.ts";
import type { Trust } from "./trust.ts";

/** What a tip came to: what is told on, and what `sync` shows of it. */
export interface Judged {
  readonly reading: Reading;
  /** Why the tip is not taken; null when it is. */
  readonly refusal: Failure | null;
}

/** A commit that vouches for bytes, and who signed it where that is asked. */
interface Voucher {
  readonly commit: Commit;
  readonly signer: string | null;
}

/** Says of each tip whether it may be followed, what it says, and who vouches for that. Its errors are of our own copy or the remote. */
export class TipJudge {
  /** The commit that last went live. */
  accepted: string | null;
  readonly #settings: GitSettings;
  readonly #mirror: Mirror;
  /** The commit whose bytes were last told on, and their hash. */
  #given: { readonly commit: Commit; readonly hash: string } | null = null;
  /** The last judgement; the same again needs no judging. */
  #last: { readonly key: string; readonly judged: Judged } | null = null;

  constructor(settings: GitSettings, mirror: Mirror, accepted: string | null) {
    this.#settings = settings;
    this.#mirror = mirror;
    this.accepted = accepted;
  }

  async judge(tip: Commit, trust: Trust | null): Promise<Result<Judged, Failure>> {
    const key = `${tip.sha} ${this.accepted} ${trust?.fingerprint}`;
    if (key === this.#last?.key) return ok(this.#last.judged);
    const judged = await this.#judge(tip, trust);
    if (judged.ok) this.#last = { key, judged: judged.value };
    return judged;
  }

  async #judge(tip: Commit, trust: Trust | null): Promise<Result<Judged, Failure>> {
    const rewrite = await this.#rewriteIn(tip);
    if (!rewrite.ok) return rewrite;
    if (rewrite.value !== null) return ok({ reading: { kind: "nothing" }, refusal: rewrite.value });
    const contents = await contentsOf(this.#mirror, tip.sha, this.#settings.path);
    if (!contents.ok) return contents;
    const voucher = await this.#voucherOf(tip, contents.value.hash, trust);
    return ok(this.#tell(tip, contents.value, voucher));
  }

  /** Why the tip may not follow the last accepted commit; null when it may. */
  async #rewriteIn(tip: Commit): Promise<Result<Failure | null, Failure>> {
    const base = this.accepted;
    if (base === null || this.#settings.allowRewrite) return ok(null);
    const descends = await this.#mirror.descends(tip.sha, base);
    if (!descends.ok) return descends;
    if (descends.value === null) return err(fail("lock", "Our own copy of the repository has gaps."));
    if (descends.value) return ok(null);
    const what = `The tip ${short(tip.sha)} of ${this.#settings.ref.shown} does not descend from ${short(base)}`;
    const how = "Push a descendant, or set GIT_SYNC_ALLOW_REWRITE=true.";
    return ok(fail("verify", `${what}, the last accepted commit (a force-push?). ${how}`));
  }

  /** Who vouches for bytes: the commit that had them before, as long as its signature counts; else the tip. */
  async #voucherOf(tip: Commit, hash: string, trust: Trust | null): Promise<Result<Voucher, string>> {
    const before = await this.#commitWith(hash);
    if (trust === null) return ok({ commit: before ?? tip, signer: null });
    if (before !== null) {
      const signer = await signerOf(this.#mirror, before.sha, trust);
      if (signer.ok) return ok({ commit: before, signer: signer.value });
    }
    const signer = await signerOf(this.#mirror, tip.sha, trust);
    return signer.ok ? ok({ commit: tip, signer: signer.value }) : signer;
  }

  /** An earlier commit that said the same; null when there is none that we know of. */
  async #commitWith(hash: string): Promise<Commit | null> {
    if (this.#given !== null) return this.#given.hash === hash ? this.#given.commit : null;
    const accepted = this.accepted === null ? null : await this.#mirror.commit(this.accepted);
    if (accepted === null) return null;
    const contents = await contentsOf(this.#mirror, accepted.sha, this.#settings.path);
    return contents.ok && contents.value.hash === hash ? accepted : null;
  }

  #tell(tip: Commit, contents: Contents, voucher: Result<Voucher, string>): Judged {
    const gitSha = tip.sha;
    if (contents.kind === "unreadable") {
      const { diagnostics } = contents;
      const about = diagnostics.map(({ file, message }) => `${file}: ${message}`).join(" ");
      const refusal = fail("not_found", `The commit ${short(gitSha)} cannot be used. ${about}`.slice(0, 500));
      return { reading: { kind: "refused", stage: "read", diagnostics, gitSha }, refusal };
    }
    if (!voucher.ok) {
      const diagnostics = [diagnostic("unverified_commit", topOf(this.#settings.path), voucher.error)];
      const refusal = fail("verify", voucher.error);
      return { reading: { kind: "refused", stage: "verified", diagnostics, gitSha }, refusal };
    }
    const { commit, signer } = voucher.value;
    this.#given = { commit, hash: contents.hash };
    const { address, ref } = this.#settings;
    const { sha, author } = commit;
    const origin: Origin = { kind: "git", repo: address.url, ref: ref.shown, sha, author, signer };
    const candidate = { origin, files: contents.files, tests: contents.tests };
    return { reading: { kind: "candidate", candidate }, refusal: null };
  }
}

const short = (sha: string): string => sha.slice(0, 12);
