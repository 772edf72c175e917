import { err, ok, type Result } from "../core/result.ts";
import type { SettingName } from "../domain/settings.ts";
import type { GitSettings } from "./git/settings.ts";

/** Where commits are told how they fare. */
export interface Forge {
  readonly kind: ForgeKind;
  /** Of its API, without a trailing slash. */
  readonly api: string;
  /** The repository's path, as in `acme/routes`. */
  readonly project: string;
  /** What the status is called: gateways that follow the same repository have one each. */
  readonly name: string;
  readonly tokenFile: string;
}

/** How a commit fares. */
export interface CommitState {
  readonly state: "pending" | "running" | "success" | "failure";
  /** A short sentence. */
  readonly says: string;
}

/** One call of a forge's API. */
export interface ForgeCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

type ForgeKind = "github" | "gitlab" | "gitea";

interface Api {
  /** Where the API is when the repository is at `origin`, whose host name is `host`. */
  readonly base: (origin: string, host: string) => string;
  readonly path: (project: string) => string;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly body: (state: CommitState["state"], name: string) => Readonly<Record<string, string>>;
}

const asGitHub = (state: CommitState["state"], name: string) => ({
  state: state === "running" ? "pending" : state,
  context: name,
});

const apis: Readonly<Record<ForgeKind, Api>> = {
  // https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
  github: {
    base: (origin, host) => (host === "github.com" ? "https://api.github.com" : `${origin}/api/v3`),
    path: (project) => `/repos/${project}/statuses/`,
    headers: (token) => ({
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    }),
    body: asGitHub,
  },
  // https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
  gitlab: {
    base: (origin) => `${origin}/api/v4`,
    path: (project) => `/projects/${encodeURIComponent(project)}/statuses/`,
    headers: (token) => ({ "private-token": token }),
    body: (state, name) => ({ state: state === "failure" ? "failed" : state, name }),
  },
  // https://docs.gitea.com/api/1.22/#tag/repository/operation/repoCreateStatus
  gitea: {
    base: (origin) => `${origin}/api/v1`,
    path: (project) => `/repos/${project}/statuses/`,
    headers: (token) => ({ authorization: `token ${token}` }),
    body: asGitHub,
  },
};

/** GitHub's bound on a description; the others allow more. */
const mostLetters = 140;

/** The call that tells a forge how a commit fares. */
export function callOf(
  { kind, api, project, name }: Forge,
  sha: string,
  fares: CommitState,
  token: string,
): ForgeCall {
  const { path, headers, body } = apis[kind];
  const says = fares.says.replace(/\s+/g, " ").trim();
  const description = says.length <= mostLetters ? says : `${says.slice(0, mostLetters - 1).toWellFormed()}…`;
  return {
    url: `${api}${path(project)}${sha}`,
    headers: { ...headers(token), "content-type": "application/json", "user-agent": "switchyard" },
    body: { ...body(fares.state, name), description },
  };
}

/** Reads GIT_SYNC_STATUS and what belongs to it; null where no status is wanted. The error is one line that names the setting. */
export function readForge(
  get: (name: SettingName) => string,
  git: GitSettings | null,
): Result<Forge | null, string> {
  const said = get("GIT_SYNC_STATUS");
  if (said === "off") return ok(null);
  const kinds = Object.keys(apis);
  if (!isKind(said))
    return err(`GIT_SYNC_STATUS is ${JSON.stringify(said)}; it has to be off, ${kinds.join(", ")}.`);
  if (git === null)
    return err("GIT_SYNC_STATUS is set, and GIT_SYNC_REPO is not: there are no commits to tell of.");
  if (git.tokenFile === null)
    return err("GIT_SYNC_STATUS is set, and GIT_SYNC_TOKEN_FILE is not: a forge takes a status from nobody.");
  const name = get("GIT_SYNC_STATUS_NAME");
  if (!/^[\w./ -]{1,100}$/.test(name))
    return err(
      `GIT_SYNC_STATUS_NAME is ${JSON.stringify(name)}; it has to be a short name such as switchyard/eu.`,
    );
  const place = placeOf(git.address.url, git.address.host);
  const given = get("GIT_SYNC_STATUS_API").replace(/\/+$/, "");
  if (given !== "" && !isAddress(given))
    return err("GIT_SYNC_STATUS_API has to be an https:// address (http:// to a loopback address only).");
  const api = given === "" ? apis[said].base(place.origin, git.address.host) : given;
  return ok({ kind: said, api, project: place.project, name, tokenFile: git.tokenFile });
}

const isKind = (text: string): text is ForgeKind => Object.hasOwn(apis, text);

/** Tokens go over TLS, or nowhere. */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isSafe =
    protocol === "https:" ||
    (protocol === "http:" && /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname));
  return isSafe && username + password + search + hash === "";
}

/** The web address of a repository's host, and the repository's path there. */
function placeOf(url: string, host: string): { readonly origin: string; readonly project: string } {
  const isWeb = /^https?:/.test(url);
  const path = url.includes("://") ? new URL(url).pathname : url.slice(url.indexOf(":") + 1);
  const project = path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return { origin: isWeb ? new URL(url).origin : `https://${host}`, project };
}
