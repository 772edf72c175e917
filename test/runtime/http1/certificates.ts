import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate that signs itself, and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Has openssl make a certificate for these names, such as `DNS:localhost,IP:127.0.0.1`. */
export function selfSigned(names: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=switchyard.test", "-addext", `subjectAltName=${names}`];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const made = Bun.spawnSync(["openssl", "req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}
