import { type Secret, scrub } from "../../core/secret.ts";
import type { Ran } from "../../runtime/command.ts";
import { withoutUserinfo } from "./address.ts";

/** Why a look at a repository failed. `lock` is trouble with our own copy of it, `verify` distrust of what it says. */
export type FailureClass = "auth" | "not_found" | "network" | "lock" | "host_key" | "verify" | "timeout";

/** A failure as `sync.reason` tells it, by {@link reasonOf}. */
export interface Failure {
  readonly kind: FailureClass;
  /** A sentence without any secret. */
  readonly message: string;
}

/** Builds a {@link Failure}. */
export const fail = (kind: FailureClass, message: string): Failure => ({ kind, message });

/** `auth: The remote refuses the credentials …` */
export const reasonOf = ({ kind, message }: Failure): string => `${kind}: ${message}`;

/** What a failed command was about. */
export interface Attempt {
  readonly host: string;
  /** As people know it. */
  readonly ref: string;
  readonly deadlineMs: number;
  readonly secrets: readonly Secret[];
}

type Sentence = (attempt: Attempt) => string;

/** What git 2.30 and later, curl and OpenSSH say in the C locale. The first that fits counts. */
const table: readonly (readonly [RegExp, FailureClass, Sentence])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|host key is known for/i,
    "host_key",
    ({ host }) => `The host key of ${host} is not one of GIT_SYNC_KNOWN_HOSTS.`,
  ],
  [
    /UNPROTECTED PRIVATE KEY FILE|bad permissions/i,
    "auth",
    () => "ssh takes no key that others may read: chmod 600 the file of GIT_SYNC_SSH_KEY.",
  ],
  [
    /cannot (run|exec)[^\n]*askpass/i,
    "auth",
    () => "The token cannot be handed to git: no program may be run in DATA_DIR (is it mounted noexec?).",
  ],
  [
    /Authentication failed|could not read (Username|Password)|terminal prompts disabled|returned error: 40[13]|Permission denied \(|Invalid username or (password|token)|HTTP Basic: Access denied|Load key .*(invalid format|error in libcrypto)/i,
    "auth",
    ({ host }) => `${host} refuses the credentials, or asks for some.`,
  ],
  [/couldn't find remote ref/i, "not_found", ({ ref, host }) => `The repository on ${host} has no ${ref}.`],
  [
    /unable to update url base from redirection|returned error: 30\d/i,
    "not_found",
    ({ host }) =>
      `${host} answers with a redirect, which is not followed: set the final address (often it ends in .git).`,
  ],
  [
    /repository .*not found|not found|does not appear to be a git repository|returned error: 404|does not exist|not valid: is this a git repository/i,
    "not_found",
    ({ host }) => `There is no such repository on ${host}, or the credentials may not see it.`,
  ],
  [
    /fsck error|badObjectSha|fatal: bad tree|fsck failed/i,
    "verify",
    ({ host }) => `What ${host} sends is not well formed.`,
  ],
  [
    /Operation too slow|timed out|Timeout was reached/i,
    "timeout",
    ({ host }) => `${host} takes too long to answer.`,
  ],
  [
    /Could not resolve|Failed to connect|Connection (refused|reset|closed)|Empty reply|unable to access|early EOF|RPC failed|hung up|curl \d+|kex_exchange_identification|No route to host|network is unreachable|SSL|certificate|remote end|protocol error|bad line length|remote error/i,
    "network",
    ({ host }) => `${host} cannot be reached, or breaks off.`,
  ],
];

/**
 * What went wrong with a command that speaks to the remote; null when it says nothing of the remote, so that our own
 * copy is to be suspected.
 */
export function failureOf(ran: Ran, attempt: Attempt): Failure | null {
  if (ran.ended === "timed_out")
    return fail("timeout", `${attempt.host} gave no answer within ${attempt.deadlineMs / 1_000} s.`);
  if (ran.ended === "not_started") return fail("lock", "git cannot be run.");
  if (ran.ended === "said_too_much") return fail("network", `${attempt.host} says too much.`);
  const said = ran.stderr.replace(/^debug\d: .*$/gm, "");
  if (ofCopy.test(said)) return null;
  const found = table.find(([pattern]) => pattern.test(said));
  if (found === undefined) return null;
  const [, kind, sentence] = found;
  return fail(kind, `${sentence(attempt)}${quote(said, attempt.secrets)}`);
}

/** Words for locks that were left, and for a disk that takes nothing. */
const ofCopy = /\.lock'|cannot lock ref|No space left|Read-only file system|unable to (create|write)/i;

/** Why even a new clone failed with words that nobody knows. */
export const unexplained = (ran: Ran, host: string, secrets: readonly Secret[]): Failure =>
  ofCopy.test(ran.stderr)
    ? brokenCopy(ran, secrets)
    : fail("network", `Nothing can be fetched from ${host}.${quote(ran.stderr, secrets)}`);

/** What our own copy suffers from. */
export const brokenCopy = (ran: Ran, secrets: readonly Secret[] = []): Failure =>
  fail("lock", `Our own copy of the repository cannot be used.${quote(ran.stderr, secrets)}`);

/** What git adds to whatever ssh said. */
const boilerplate = "fatal: Could not read from remote repository.";

/** Git's own last word, fit to be shown. */
function quote(said: string, secrets: readonly Secret[]): string {
  const words = /^(fatal|error|remote|ssh): |Permission denied|^Load key/;
  const lines = said.split("\n").filter((line) => words.test(line) && line !== boilerplate);
  const last = lines.findLast((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1);
  if (last === undefined) return "";
  const clean = withoutUserinfo(scrub(last, secrets)).replace(/[^\x20-\x7e]/g, "?");
  return ` (git: ${clean.slice(0, 300).trim()})`;
}
