import { err, ok, type Result } from "../../core/result.ts";
import type { Ran } from "../../runtime/command.ts";
import type { Mirror } from "./mirror.ts";
import type { Trust } from "./trust.ts";

/** Says who signed a commit, as the trust set names them; else why it is not to be trusted, as a sentence. */
export async function signerOf(mirror: Mirror, sha: string, trust: Trust): Promise<Result<string, string>> {
  const { configuration, environment } = toolsFor(trust);
  const said = await mirror.read(["verify-commit", "--raw", sha], configuration, environment);
  const signer = trust.kind === "ssh" ? sshSigner(said) : openpgpSigner(said);
  if (signer !== null) return ok(signer);
  const why = complaint(said.stderr);
  return err(`The commit ${sha.slice(0, 12)} ${why}, and GIT_SYNC_ALLOWED_SIGNERS is set.`);
}

/** The signature's own form says which program checks it: the ones of other forms are put out of the way. */
function toolsFor({ kind, path }: Trust) {
  const off = (...names: readonly string[]) => names.map((name) => `${name}=/bin/false`);
  return kind === "ssh"
    ? {
        configuration: [
          ...off("gpg.program", "gpg.openpgp.program", "gpg.x509.program"),
          `gpg.ssh.allowedSignersFile=${path}`,
        ],
        environment: {},
      }
    : {
        configuration: off("gpg.x509.program", "gpg.ssh.program"),
        environment: { GNUPGHOME: path },
      };
}

/** The principal, which ssh-keygen names only when the key is one of the file's. */
function sshSigner({ code, stderr }: Ran): string | null {
  const good = /^Good "git" signature for (.+) with \S+ key SHA256:\S+$/m.exec(stderr);
  return code === 0 ? (good?.[1] ?? null) : null;
}

/** The user id of the key. An expired or revoked key has other words than GOODSIG. */
function openpgpSigner({ code, stderr }: Ran): string | null {
  const status = (word: string) => [...stderr.matchAll(new RegExp(`^\\[GNUPG:\\] ${word} (.*)$`, "gm"))];
  const good = status("GOODSIG");
  if (code !== 0 || good.length !== 1 || status("VALIDSIG").length !== 1) return null;
  return good[0]?.[1]?.replace(/^\S+ /, "") ?? null;
}

/** In the signature's words, what is wrong; without any there is no signature. */
function complaint(said: string): string {
  const key = /with (\S+ key SHA256:\S+)/.exec(said)?.[1] ?? /NO_PUBKEY (\w+)/.exec(said)?.[1];
  if (/EXPKEYSIG|REVKEYSIG|EXPSIG/.test(said)) return "is signed by a key that has expired or was revoked";
  if (/BADSIG|incorrect signature|invalid format/i.test(said))
    return "bears a signature that does not fit it";
  if (key !== undefined) return `is signed by a key that is not among the signers (${key})`;
  return said.trim() === "" ? "is not signed" : "bears a signature that cannot be verified";
}
