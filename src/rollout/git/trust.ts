import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../core/result.ts";
import { sha256Hex } from "../../runtime/digest.ts";
import { type Failure, fail } from "./failure.ts";
import type { Git } from "./git.ts";

/** Whose signatures count, as GIT_SYNC_ALLOWED_SIGNERS says at the moment. */
export interface Trust {
  readonly kind: "ssh" | "openpgp";
  /** SHA-256 of the file, in hex: what was verified under another is verified again. */
  readonly fingerprint: string;
  /** Where git finds it: a file of ssh signers, or a directory of OpenPGP keys. */
  readonly path: string;
}

/** Armored OpenPGP public keys, or else the allowed signers of ssh-keygen(1). */
export const kindOfSigners = (bytes: Uint8Array): Trust["kind"] =>
  new TextDecoder().decode(bytes).includes("-----BEGIN PGP PUBLIC KEY BLOCK-----") ? "openpgp" : "ssh";

/** Reads the file of signers, each time anew; `known` is used again while the file is the same. */
export async function readTrust(
  file: string,
  { den, program }: Git,
  known: Trust | null,
): Promise<Result<Trust, Failure>> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return err(fail("verify", "The file of GIT_SYNC_ALLOWED_SIGNERS cannot be read."));
  const fingerprint = sha256Hex(bytes);
  if (known?.fingerprint === fingerprint) return ok(known);
  const kind = kindOfSigners(bytes);
  // A copy: what is verified with is what the fingerprint is of, whatever becomes of the file meanwhile.
  if (kind === "ssh") {
    await writeFile(den.signers, bytes, { mode: 0o600 });
    return ok({ kind, fingerprint, path: den.signers });
  }
  const path = join(den.root, `keys-${fingerprint.slice(0, 16)}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(path, "gpg.conf"), "no-autostart\nno-auto-key-retrieve\ntrust-model always\n");
  await writeFile(join(path, "keys.asc"), bytes);
  const imported = await program(
    ["gpg", "--batch", "--no-tty", "--quiet", "--import", join(path, "keys.asc")],
    {
      GNUPGHOME: path,
    },
  );
  return imported.code === 0
    ? ok({ kind, fingerprint, path })
    : err(fail("verify", "gpg cannot read the keys in the file of GIT_SYNC_ALLOWED_SIGNERS."));
}
