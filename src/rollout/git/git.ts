import type { DurationMs } from "../../core/units.ts";
import { type Ran, run } from "../../runtime/command.ts";
import { accessOf } from "./access.ts";
import type { Den } from "./den.ts";
import { type GitSettings, usualPath } from "./settings.ts";

/** Git, held to what a fetch and a look need. Nothing of the machine's configuration reaches it. */
export interface Git {
  readonly settings: GitSettings;
  readonly den: Den;
  readonly deadlineMs: DurationMs;
  /** A command on a copy that goes nowhere: no transport is allowed. `configuration` is of the form `name=value`. */
  readonly local: (
    repository: string,
    args: readonly string[],
    configuration?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<Ran>;
  /** A command on a copy that may reach the remote, by its one scheme and with the credentials of the settings. */
  readonly remote: (repository: string, args: readonly string[]) => Promise<Ran>;
  /** Another program, in the same environment. */
  readonly program: (
    argv: readonly [program: string, ...args: readonly string[]],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<Ran>;
}

/** What git is built from. `environment` is ours, of which little is handed down. */
export interface GitParts {
  readonly settings: GitSettings;
  readonly den: Den;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs: DurationMs;
}

/** The most that a command may say: the listing of a large directory, or a file of 1 MiB. */
const maxBytes = 8 * 1024 * 1024;

/** No hooks, no helpers, no submodules, no transport that is not asked for; a server that trickles is given up. */
const hardened = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.askPass=",
  "credential.helper=",
  "submodule.recurse=false",
  "protocol.allow=never",
  "http.followRedirects=false",
  "http.lowSpeedLimit=1000",
  "http.lowSpeedTime=10",
  "fetch.fsckObjects=true",
  // Harmless, and found in many an old repository.
  "fetch.fsck.zeroPaddedFilemode=ignore",
  "fetch.fsck.missingSpaceBeforeDate=ignore",
  "fetch.fsck.badTimezone=ignore",
  // A copy that power failed on is made anew: there is nothing to wait for the disk for.
  "core.fsync=none",
  "gc.auto=0",
  "maintenance.auto=false",
  "log.showSignature=false",
  "log.mailmap=false",
];

/** What git may know of the network around us, and where the machine keeps its certificates. */
const handedDown = ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"];

/** Builds {@link Git}. */
export function gitOf({ settings, den, environment, deadlineMs }: GitParts): Git {
  const { scheme } = settings.address;
  const always = {
    PATH: environment["PATH"] ?? usualPath,
    HOME: den.home,
    XDG_CONFIG_HOME: den.home,
    TMPDIR: den.temporary,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_PROTOCOL_FROM_USER: "0",
  };
  const proxies = handedDown.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const program: Git["program"] = (argv, more = {}) =>
    run({ argv, environment: { ...always, ...more }, deadlineMs, maxBytes });
  const local: Git["local"] = (repository, args, configuration = [], more = {}) =>
    program(["git", ...flagsOf([...hardened, ...configuration]), `--git-dir=${repository}`, ...args], more);
  const remote: Git["remote"] = (repository, args) =>
    local(repository, args, [`protocol.${scheme}.allow=always`], {
      ...Object.fromEntries(proxies),
      ...accessOf(settings, den.askpass),
      GIT_ALLOW_PROTOCOL: scheme,
    });
  return { settings, den, deadlineMs, local, remote, program };
}

const flagsOf = (configuration: readonly string[]): readonly string[] => [
  "--no-pager",
  "--literal-pathspecs",
  ...configuration.flatMap((setting) => ["-c", setting]),
];
