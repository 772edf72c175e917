import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Cron } from "croner";
import { err, ok, type Result } from "../../core/result.ts";
import { Secret } from "../../core/secret.ts";
import { type SettingName, settings } from "../../domain/settings.ts";
import { programAt } from "../../runtime/command.ts";
import { type Address, parseAddress } from "./address.ts";
import { parsePath, parseRef, type Ref } from "./ref.ts";
import { kindOfSigners } from "./trust.ts";

/** The settings GIT_SYNC_*, read and checked. Paths are absolute. */
export interface GitSettings {
  readonly address: Address;
  readonly ref: Ref;
  readonly path: string;
  readonly cron: string;
  readonly tokenFile: string | null;
  readonly sshKey: string | null;
  readonly knownHosts: string | null;
  readonly webhookSecret: Secret | null;
  readonly allowedSigners: string | null;
  readonly allowRewrite: boolean;
}

/** What the settings are checked against. */
export interface Machine {
  /** The bytes of a file; null when it cannot be read. */
  readonly read: (path: string) => Uint8Array | null;
  /** Whether a program can be run by its name. */
  readonly has: (program: string) => boolean;
}

/** The PATH of whoever has none. */
export const usualPath = "/usr/local/bin:/usr/bin:/bin";

/** This machine, as programs see it that are run with this PATH. */
export const machineWith = (path: string = usualPath): Machine => ({
  read: (file) => {
    try {
      return new Uint8Array(readFileSync(file));
    } catch {
      return null;
    }
  },
  has: (program) => programAt(program, path) !== null,
});

/** Reads GIT_SYNC_*; null when GIT_SYNC_REPO is not given. The error is one line that names the setting. */
export function readGitSettings(
  get: (name: SettingName) => string,
  machine: Machine,
): Result<GitSettings | null, string> {
  if (get("GIT_SYNC_REPO") === "") return ok(null);
  const address = parseAddress(get("GIT_SYNC_REPO"));
  // Not shown: what is wrong with it may be a password.
  if (!address.ok) return err(`GIT_SYNC_REPO has to be ${address.error}.`);
  const ref = parseRef(get("GIT_SYNC_REF"));
  if (!ref.ok) return wrong("GIT_SYNC_REF", get, ref.error);
  const path = parsePath(get("GIT_SYNC_PATH"));
  if (!path.ok) return wrong("GIT_SYNC_PATH", get, path.error);
  if (!recurs(get("GIT_SYNC_CRON"))) return wrong("GIT_SYNC_CRON", get, "a pattern such as */5 * * * *");
  const rewrite = get("GIT_SYNC_ALLOW_REWRITE");
  if (!["", "true", "false"].includes(rewrite)) return wrong("GIT_SYNC_ALLOW_REWRITE", get, "true or false");

  const file = (name: SettingName) => (get(name) === "" ? null : resolve(get(name)));
  const found: GitSettings = {
    address: address.value,
    ref: ref.value,
    path: path.value,
    cron: get("GIT_SYNC_CRON"),
    tokenFile: file("GIT_SYNC_TOKEN_FILE"),
    sshKey: file("GIT_SYNC_SSH_KEY"),
    knownHosts: file("GIT_SYNC_KNOWN_HOSTS"),
    webhookSecret: get("GIT_SYNC_WEBHOOK_SECRET") === "" ? null : new Secret(get("GIT_SYNC_WEBHOOK_SECRET")),
    allowedSigners: file("GIT_SYNC_ALLOWED_SIGNERS"),
    allowRewrite: rewrite === "true",
  };
  const missing = missingOf(found, machine);
  return missing === null ? ok(found) : err(missing);
}

const files = [
  ["tokenFile", "GIT_SYNC_TOKEN_FILE"],
  ["sshKey", "GIT_SYNC_SSH_KEY"],
  ["knownHosts", "GIT_SYNC_KNOWN_HOSTS"],
  ["allowedSigners", "GIT_SYNC_ALLOWED_SIGNERS"],
] as const;

/** ssh takes options apart at blanks, and puts values in for `%` and `$`. */
const plainPath = /^[^\s\p{C}"'%$\\]+$/u;

/** What the machine lacks for these settings, as a line; null when it has all. */
function missingOf(found: GitSettings, machine: Machine): string | null {
  for (const [member, name] of files) {
    const file = found[member];
    if (file !== null && machine.read(file) === null)
      return `${name} is ${JSON.stringify(file)}, which cannot be read (${settings[name].says}).`;
  }
  if (!machine.has("git")) return "GIT_SYNC_REPO is set, and the program git is not installed.";
  if (found.address.scheme === "ssh") {
    for (const [name, file] of [
      ["GIT_SYNC_SSH_KEY", found.sshKey],
      ["GIT_SYNC_KNOWN_HOSTS", found.knownHosts],
    ] as const) {
      if (file === null) return `${name} is not set; an ssh repository needs it (${settings[name].says}).`;
      if (!plainPath.test(file))
        return `${name} is ${JSON.stringify(file)}; it has to be a path without blanks, quotes, % and $.`;
    }
    if (!machine.has("ssh")) return "GIT_SYNC_REPO is reached by ssh, and the program ssh is not installed.";
  }
  return found.allowedSigners === null ? null : missingForSigners(found.allowedSigners, machine);
}

function missingForSigners(file: string, machine: Machine): string | null {
  const kind = kindOfSigners(machine.read(file) ?? new Uint8Array());
  const program = kind === "ssh" ? "ssh-keygen" : "gpg";
  if (machine.has(program)) return null;
  const keys = kind === "ssh" ? "ssh signers" : "OpenPGP keys";
  return `GIT_SYNC_ALLOWED_SIGNERS has ${keys} in it, and the program ${program} is not installed.`;
}

/** Whether a pattern is one of cron's, and comes more than once. */
function recurs(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRuns(2).length === 2;
  } catch {
    return false;
  }
}

const wrong = (name: SettingName, get: (name: SettingName) => string, be: string): Result<never, string> =>
  err(`${name} is ${JSON.stringify(get(name))}; it has to be ${be} (${settings[name].says}).`);
