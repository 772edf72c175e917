import { err, ok, type Result } from "../../core/result.ts";

/** Where a repository is. It bears no credentials: they come from files. */
export interface Address {
  readonly scheme: "https" | "http" | "ssh";
  /** As git is given it, and as people are shown it. */
  readonly url: string;
  readonly host: string;
  /** Null for the scheme's own. */
  readonly port: number | null;
}

/** What every wrong address is told. */
const right = "an https:// or ssh:// address, or git@host:path (http:// to a loopback address only)";

/** Reads the setting GIT_SYNC_REPO; the error says what it has to be, and nothing of what it was. */
export function parseAddress(text: string): Result<Address, string> {
  const scp = /^([\w.-]+)@([\w.-]+):(.+)$/.exec(text);
  if (text.startsWith("ssh://") || (scp !== null && !text.includes("://"))) return parseSsh(text, scp);
  if (!/^https?:\/\/[^\s\p{C}\\]+$/u.test(text) || !URL.canParse(text)) return err(right);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "")
    return err(`${right} without credentials in it: they belong in the file of GIT_SYNC_TOKEN_FILE`);
  if (url.search !== "" || url.hash !== "") return err(`${right} without a query or fragment`);
  if (url.protocol === "http:" && !loopback.test(url.hostname))
    return err(`${right}: over http everybody on the way could change what is served`);
  const port = url.port === "" ? null : Number(url.port);
  const scheme = url.protocol === "http:" ? "http" : "https";
  return ok({ scheme, url: url.href, host: url.hostname, port });
}

const loopback = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** What is no letter of these could be an option to ssh, or mean something to the shell at the other end. */
const user = /^[A-Za-z0-9_][\w.-]*$/;
const host = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;
const path = /^(?!-)[\w.~/@+-]+$/;

function parseSsh(text: string, scp: RegExpExecArray | null): Result<Address, string> {
  const full = /^ssh:\/\/(?:([^@/]*)@)?([^:/@]+)(?::(\d{1,5}))?(\/.+)$/.exec(text);
  const found = text.startsWith("ssh://")
    ? full && { user: full[1] ?? null, host: full[2] ?? "", port: full[3] ?? null, path: full[4] ?? "" }
    : scp && { user: scp[1] ?? "", host: scp[2] ?? "", port: null, path: scp[3] ?? "" };
  if (found === null) return err(right);
  if (found.user?.includes(":")) return err(`${right} without a password in it: use GIT_SYNC_SSH_KEY`);
  const port = found.port === null ? null : Number(found.port);
  const fits =
    (found.user === null || user.test(found.user)) && host.test(found.host) && path.test(found.path);
  if (!fits || (port !== null && (port < 1 || port > 65_535))) return err(right);
  return ok({ scheme: "ssh", url: text, host: found.host, port });
}

/** A text that git or a server wrote, without what stands before the `@` of an address. */
export const withoutUserinfo = (text: string): string =>
  text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, "$1");
