import { existsSync } from "node:fs";
import { join } from "node:path";
import { directories } from "./scratch.ts";

/** A path of a commit: a text, a link, a submodule, or nothing any more. */
export type Content =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly submodule: string }
  | { readonly executable: string }
  | null;

/** How a commit is made; by default it follows the last one made on the branch. */
export interface CommitOptions {
  readonly parent?: string | null;
  readonly branch?: string;
  readonly message?: string;
  /** Configuration of git with which `commit-tree -S` signs, and its environment. */
  readonly sign?: {
    readonly configuration: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

/** A repository as the server has it. */
export interface ServedRepository {
  readonly url: string;
  readonly path: string;
  /** Changes paths and moves the branch; the new commit's hash. */
  readonly commit: (changes: Readonly<Record<string, Content>>, options?: CommitOptions) => string;
  /** Runs git in it. */
  readonly git: (...args: readonly string[]) => string;
}

/** A real git server on loopback: git-http-backend behind Bun.serve, as a forge is. */
export interface GitServer {
  readonly port: number;
  /** Where its repositories are. */
  readonly root: string;
  /** `more` is for `git init`. */
  readonly repository: (name: string, ...more: readonly string[]) => ServedRepository;
  /** Asked of everybody as a password, where it is not null. */
  token: string | null;
  /** Answers in the server's place, where it is not null; a null answer lets the server answer. */
  behave: ((request: Request) => Response | null | Promise<Response | null>) | null;
  /** The users that have shown themselves. */
  readonly users: string[];
  readonly requests: string[];
  readonly stop: () => void;
}

const clean = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  // Tests wait for no disk.
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.fsync",
  GIT_CONFIG_VALUE_0: "none",
};
const backend = Bun.which("git") === null ? "" : join(run(["git", "--exec-path"]), "git-http-backend");

/** Whether this machine has git, and its server. */
export const hasGit = existsSync(backend);
if (!hasGit) console.warn("no git, or no git-http-backend: git sync is not tested");

/** Starts one; its repositories are gone when it stops. */
export function startGitServer(): GitServer {
  const { make, remove } = directories();
  const root = make();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch: (request) => answer(request),
  });
  const self: GitServer = {
    port: server.port ?? 0,
    root,
    repository: (name, ...more) =>
      repositoryAt(join(root, name), `http://127.0.0.1:${server.port}/${name}`, more),
    token: null,
    behave: null,
    users: [],
    requests: [],
    stop: () => {
      server.stop(true);
      remove();
    },
  };
  async function answer(request: Request): Promise<Response> {
    self.requests.push(`${request.method} ${new URL(request.url).pathname}`);
    const instead = await self.behave?.(request);
    if (instead !== null && instead !== undefined) return instead;
    const basic = /^Basic (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    const [user = "", password = ""] = Buffer.from(basic, "base64").toString().split(":");
    if (user !== "") self.users.push(user);
    if (self.token !== null && password !== self.token)
      return new Response("no", { status: 401, headers: { "www-authenticate": 'Basic realm="git"' } });
    return serve(request, root);
  }
  return self;
}

/** One call of git-http-backend (RFC 3875). */
async function serve(request: Request, root: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const child = Bun.spawn([backend], {
    env: {
      ...clean,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
    },
    stdin: await request.bytes(),
    stdout: "pipe",
    stderr: "ignore",
  });
  const bytes = await new Response(child.stdout).bytes();
  const end = Buffer.from(bytes).indexOf("\r\n\r\n");
  const headers = new Headers();
  for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n")) {
    const at = line.indexOf(":");
    headers.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const status = Number.parseInt(headers.get("status") ?? "200", 10);
  headers.delete("status");
  return new Response(bytes.subarray(end + 4), { status, headers });
}

function repositoryAt(path: string, url: string, more: readonly string[]): ServedRepository {
  run(["git", "init", "--quiet", "--bare", "--template=", "-b", "main", ...more, path]);
  const git = (...args: readonly string[]) => run(["git", `--git-dir=${path}`, ...args]);
  const heads = new Map<string, string>();
  return {
    url,
    path,
    git,
    commit: (changes, { parent, branch = "main", message = "A change", sign } = {}) => {
      const from = parent === undefined ? heads.get(branch) : (parent ?? undefined);
      const ref = sign === undefined ? `refs/heads/${branch}` : "refs/scratch";
      run(
        ["git", `--git-dir=${path}`, "fast-import", "--quiet", "--force"],
        Buffer.concat([...streamOf(changes, ref, from, message)].map((piece) => Buffer.from(piece))),
      );
      const sha = sign === undefined ? git("rev-parse", ref) : signed(path, ref, from, message, sign);
      if (sign !== undefined) git("update-ref", `refs/heads/${branch}`, sha);
      heads.set(branch, sha);
      return sha;
    },
  };
}

function signed(
  path: string,
  ref: string,
  parent: string | undefined,
  message: string,
  { configuration, env = {} }: NonNullable<CommitOptions["sign"]>,
): string {
  const who = { NAME: "Ada", EMAIL: "ada@example.com" };
  const names = ["AUTHOR", "COMMITTER"].flatMap((role) =>
    Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  );
  const flags = configuration.flatMap((setting) => ["-c", setting]);
  const parents = parent === undefined ? [] : ["-p", parent];
  return run(
    ["git", `--git-dir=${path}`, ...flags, "commit-tree", "-S", ...parents, "-m", message, `${ref}^{tree}`],
    undefined,
    { ...Object.fromEntries(names), ...env },
  );
}

let seconds = 1_760_000_000;

function* streamOf(
  changes: Readonly<Record<string, Content>>,
  ref: string,
  from: string | undefined,
  message: string,
): Generator<string | Uint8Array> {
  // A ref that is there would be the parent of what names none.
  yield `reset ${ref}\n\ncommit ${ref}\n`;
  const who = `Ada <ada@example.com> ${seconds++} +0000`;
  yield `author ${who}\ncommitter ${who}\n${dataOf(message)}`;
  if (from !== undefined) yield `from ${from}\n`;
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) yield `D ${path}\n`;
    else if (typeof content === "string") yield `M 100644 inline ${path}\n${dataOf(content)}`;
    else if (content instanceof Uint8Array) {
      yield `M 100644 inline ${path}\ndata ${content.length}\n`;
      yield content;
      yield "\n";
    } else if ("link" in content) yield `M 120000 inline ${path}\n${dataOf(content.link)}`;
    else if ("executable" in content) yield `M 100755 inline ${path}\n${dataOf(content.executable)}`;
    else yield `M 160000 ${content.submodule} ${path}\n`;
  }
}

const dataOf = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

function run(
  command: readonly string[],
  stdin?: Uint8Array,
  env: Readonly<Record<string, string>> = {},
): string {
  const ran = Bun.spawnSync([...command], {
    env: { ...clean, ...env },
    stdin: stdin ?? null,
    stdout: "pipe",
    stderr: "pipe",
  });
  if (ran.exitCode !== 0) throw new Error(`${command.join(" ")}: ${ran.stderr.toString()}`);
  return ran.stdout.toString().trim();
}
