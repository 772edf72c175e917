import { type Failure, fail } from "./failure.ts";
import type { Git } from "./git.ts";

/** What a refused host key is told with: both fingerprints and the way out. `said` is what ssh wrote. */
export async function explainHostKey({ settings, program }: Git, said: string): Promise<Failure> {
  const { address, knownHosts } = settings;
  const seen = /^debug1: Server host key: (\S+) (SHA256:\S+)/m.exec(said);
  const name = address.port === null ? address.host : `[${address.host}]:${address.port}`;
  const listed = await program(["ssh-keygen", "-l", "-F", name, "-f", knownHosts ?? "/dev/null"]);
  const expected = [...new TextDecoder().decode(listed.stdout).matchAll(/ (\S+) (SHA256:\S+)/g)].map(
    ([, kind, print]) => `${kind} ${print}`,
  );
  const has = expected.length === 0 ? `has none of ${name}` : `expects ${expected.join(", ")}`;
  const shows = seen === null ? `${name} shows another` : `${name} shows ${seen[1]} ${seen[2]}`;
  const how = `ssh-keyscan ${address.port === null ? "" : `-p ${address.port} `}${address.host}`;
  return fail(
    "host_key",
    `GIT_SYNC_KNOWN_HOSTS ${has}, and ${shows}. If its owner confirms that fingerprint, put the key into the file (${how}).`,
  );
}
