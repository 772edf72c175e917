import { err, ok, type Result } from "./core/result.ts";
import { type DurationMs, parseDuration } from "./core/units.ts";
import { type SettingName, settings } from "./domain/settings.ts";
import { type LogLevel, logLevels } from "./logs/logs.ts";
import { type Forge, readForge } from "./rollout/forge.ts";
import { type GitSettings, machineWith, readGitSettings } from "./rollout/git/settings.ts";

/** The settings of a gateway that serves, read and checked. */
export interface Settings {
  readonly config: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logDir: string;
  readonly logLevel: LogLevel;
  readonly adminKey: string | null;
  readonly drainMs: DurationMs;
  readonly secretsDir: string;
  /** Further names that the admin API is called by, in lower case. */
  readonly allowedHosts: readonly string[];
  readonly allowOpen: boolean;
  /** The repository to follow; null where the file of `config` is the source. */
  readonly git: GitSettings | null;
  /** Where its commits are told how they fare; null: nowhere. */
  readonly forge: Forge | null;
}

/** Reads settings from flags (`--port 8728`, `--port=8728`) and, where a flag is absent, from the environment. */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<Settings, string> {
  const flags = readFlags(args);
  if (!flags.ok) return flags;
  const get = (name: SettingName): string => settingOf(name, flags.value.get(name), environment);
  const port = Number(get("PORT"));
  if (!/^\d+$/.test(get("PORT")) || port > 65_535)
    return wrong("PORT", get("PORT"), "a number from 0 to 65535");
  const drain = parseDuration(get("DRAIN"));
  if (!drain.ok) return wrong("DRAIN", get("DRAIN"), drain.error);
  const logLevel = logLevels.find((level) => level === get("LOG_LEVEL"));
  if (logLevel === undefined) return wrong("LOG_LEVEL", get("LOG_LEVEL"), `one of ${logLevels.join(", ")}`);
  const hosts = get("ALLOWED_HOSTS")
    .split(",")
    .flatMap((host) => host.trim().toLowerCase() || []);
  if (!hosts.every((host) => /^([a-z0-9._-]+|[0-9a-f:.]+)$/.test(host)))
    return wrong("ALLOWED_HOSTS", get("ALLOWED_HOSTS"), "host names without ports, separated by commas");
  if (!["", "true", "false"].includes(get("ALLOW_OPEN")))
    return wrong("ALLOW_OPEN", get("ALLOW_OPEN"), "true or false");
  const git = readGitSettings(get, machineWith(environment["PATH"]));
  if (!git.ok) return git;
  const forge = readForge(get, git.value);
  if (!forge.ok) return forge;
  return ok({
    config: get("CONFIG"),
    host: get("HOST"),
    port,
    dataDir: get("DATA_DIR"),
    logDir: get("LOG_DIR"),
    logLevel,
    adminKey: get("ADMIN_KEY") === "" ? null : get("ADMIN_KEY"),
    drainMs: drain.value,
    secretsDir: get("SECRETS_DIR"),
    allowedHosts: hosts,
    allowOpen: get("ALLOW_OPEN") === "true",
    git: git.value,
    forge: forge.value,
  });
}

/** A setting as its flag has it, else the environment, else as it is without either; empty is not given. */
export function settingOf(
  name: SettingName,
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = flag ?? environment[name];
  return given === undefined || given === "" ? (settings[name].fallback ?? "") : given;
}

/** Whether an address to listen on can be reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);

function readFlags(args: readonly string[]): Result<ReadonlyMap<SettingName, string>, string> {
  const found = new Map<SettingName, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const matched = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(arg);
    const name = (matched?.[1] ?? "").replaceAll("-", "_").toUpperCase();
    if (matched === null || !isSetting(name)) {
      const known = Object.keys(settings).map((setting) => `--${setting.toLowerCase().replaceAll("_", "-")}`);
      return err(`${arg.split("=", 1)[0]} is no setting. The settings are ${known.join(", ")}.`);
    }
    const value = matched[2] ?? rest.shift();
    if (value === undefined) return err(`${arg} needs a value: ${settings[name].says}.`);
    found.set(name, value);
  }
  return ok(found);
}

const isSetting = (name: string): name is SettingName => Object.hasOwn(settings, name);

const wrong = (name: SettingName, found: string, right: string): Result<never, string> =>
  err(`${name} is ${JSON.stringify(found)}; it has to be ${right} (${settings[name].says}).`);
