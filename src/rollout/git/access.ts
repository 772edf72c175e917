import { readFile } from "node:fs/promises";
import { err, ok, type Result } from "../../core/result.ts";
import { Secret } from "../../core/secret.ts";
import { type Failure, fail } from "./failure.ts";
import type { GitSettings } from "./settings.ts";

/** The user of a token that names none. GitHub asks for this one; GitLab and Gitea take any. */
const tokenUser = "x-access-token";

/** The variable by which {@link askpass} finds the token's file; the token itself is in no environment. */
const tokenFileVariable = "SWITCHYARD_GIT_TOKEN_FILE";

/**
 * The program that git asks for a user and a password (gitcredentials: GIT_ASKPASS). It reads the token's file each time;
 * the file has a token, or `user:token` for those who need a user of their own.
 */
export const askpass = `#!/bin/sh
IFS= read -r token < "$${tokenFileVariable}"
token=\${token%"$(printf '\\r')"}
case $1 in
  Username*) case $token in *:*) printf '%s\\n' "\${token%%:*}" ;; *) echo ${tokenUser} ;; esac ;;
  *) printf '%s\\n' "\${token#*:}" ;;
esac
`;

/** What git's environment says of credentials, for a remote command. `askpassPath` is where {@link askpass} stands. */
export function accessOf(settings: GitSettings, askpassPath: string): Readonly<Record<string, string>> {
  const { address, tokenFile } = settings;
  if (address.scheme === "ssh") return { GIT_SSH_COMMAND: sshCommand(settings), GIT_SSH_VARIANT: "ssh" };
  // `true` answers every question with nothing, so that git fails at once.
  if (tokenFile === null) return { GIT_ASKPASS: "true" };
  return { GIT_ASKPASS: askpassPath, [tokenFileVariable]: tokenFile };
}

/** Only the key and the hosts that the settings name count; whatever ssh is configured to on this machine does not. */
function sshCommand({ sshKey, knownHosts }: GitSettings): string {
  const options = [
    `IdentityFile=${sshKey ?? "none"}`,
    `UserKnownHostsFile=${knownHosts ?? "/dev/null"}`,
    ...["GlobalKnownHostsFile=/dev/null", "StrictHostKeyChecking=yes", "UpdateHostKeys=no"],
    ...["BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey"],
    ...["ControlMaster=no", "ControlPath=none", "ClearAllForwardings=yes", "ForwardAgent=no"],
    ...["PermitLocalCommand=no", "ProxyCommand=none", "ConnectTimeout=10"],
    // It names the fingerprint of a host key that it refuses on this level only.
    "LogLevel=DEBUG1",
  ];
  return ["ssh", "-F", "/dev/null", ...options.map((option) => `-o${option}`)].map(quoted).join(" ");
}

/** For the shell that git reads GIT_SSH_COMMAND with. */
const quoted = (word: string): string =>
  /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The secrets that a remote could echo, once what the settings name is seen to be there; read anew each time. */
export async function checkAccess(settings: GitSettings): Promise<Result<readonly Secret[], Failure>> {
  const { address, sshKey, tokenFile } = settings;
  const [name, file] =
    address.scheme === "ssh" ? ["GIT_SYNC_SSH_KEY", sshKey] : ["GIT_SYNC_TOKEN_FILE", tokenFile];
  if (file === null) return ok([]);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return err(fail("auth", `The file of ${name} cannot be read.`));
  if (text.trim() === "") return err(fail("auth", `The file of ${name} is empty.`));
  if (address.scheme === "ssh") return ok([]);
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  return ok([line, line.slice(line.indexOf(":") + 1)].map((value) => new Secret(value)));
}
