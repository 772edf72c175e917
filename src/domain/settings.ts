/**
 * The settings: what needs a restart. Environment variables, each also a flag (`--port 8728`), never in routes.yaml;
 * a pull request must not be able to refer to one.
 */
export const settings = {
  CONFIG: { fallback: "routes.yaml", says: "path of the routing file" },
  HOST: { fallback: "127.0.0.1", says: "address to listen on" },
  PORT: { fallback: "8728", says: "port to listen on, 0 to 65535" },
  DATA_DIR: { fallback: "data", says: "directory of the two databases" },
  LOG_DIR: { fallback: "logs", says: "directory of the log files" },
  LOG_LEVEL: { fallback: "info", says: "trace, debug, info, warn, error or silent" },
  ADMIN_KEY: { fallback: null, says: "secret that opens the admin API" },
  DRAIN: { fallback: "30s", says: "how long open streams may go on after SIGTERM" },
  GIT_SYNC_REPO: {
    fallback: null,
    says: "https, ssh or loopback http address of the repository that holds the routing file",
  },
  GIT_SYNC_REF: { fallback: "main", says: "branch or tag to follow" },
  GIT_SYNC_PATH: { fallback: "routes.yaml", says: "path of the routing file in the repository" },
  GIT_SYNC_CRON: { fallback: "*/1 * * * *", says: "when to look, in cron form" },
  GIT_SYNC_TOKEN_FILE: { fallback: null, says: "file with the https token, or user:token" },
  GIT_SYNC_SSH_KEY: { fallback: null, says: "file with the ssh key" },
  GIT_SYNC_KNOWN_HOSTS: { fallback: null, says: "file with the ssh host keys" },
  GIT_SYNC_WEBHOOK_SECRET: { fallback: null, says: "secret of the push webhook" },
  GIT_SYNC_ALLOWED_SIGNERS: {
    fallback: null,
    says: "file with the accepted signers of commits: ssh signers, or armored OpenPGP keys",
  },
  GIT_SYNC_ALLOW_REWRITE: { fallback: null, says: "true accepts a force-push" },
  GIT_SYNC_STATUS: { fallback: "off", says: "github, gitlab or gitea: post back how each commit fares" },
  GIT_SYNC_STATUS_API: {
    fallback: null,
    says: "address of the forge's API, where it is not beside the repository",
  },
  GIT_SYNC_STATUS_NAME: { fallback: "switchyard", says: "what the status of a commit is called" },
  SECRETS_DIR: { fallback: "/run/secrets", says: "the only directory that file: references may read" },
  TRUSTED_PROXIES: { fallback: null, says: "addresses whose X-Forwarded-For is believed" },
  ALLOWED_HOSTS: { fallback: null, says: "further Host names that the admin page answers to" },
  ALLOW_OPEN: { fallback: null, says: "true allows a public address without keys" },
} as const satisfies Record<string, { readonly fallback: string | null; readonly says: string }>;

/** One of {@link settings}. */
export type SettingName = keyof typeof settings;
