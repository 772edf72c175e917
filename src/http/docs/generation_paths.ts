import { byAdmin, type Fields, failing, json, ok, operation, part, query, ref } from "./words.ts";

const refusedToAnyone = failing("invalid_api_key", "role_not_allowed");

const look = (
  summary: string,
  description: string,
  example: object,
  { parameters = [], fails = {} }: { readonly parameters?: readonly Fields[]; readonly fails?: Fields } = {},
): Fields => ({
  get: operation("Admin", summary, description, {
    ...byAdmin,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { ...ok("As it is now.", ref("Any"), example), ...refusedToAnyone, ...fails },
  }),
});

/** An order of people; `reason` is recorded with who gave it. */
const order = (summary: string, description: string, asked: object, message: string): Fields => ({
  post: operation("Admin", summary, description, {
    ...byAdmin,
    requestBody: { required: false, ...json(ref("Any"), { ...asked, reason: "answers are cut short" }) },
    responses: {
      ...ok("Done, and how things stand now.", ref("Any"), { message, status }),
      ...failing("invalid_request", "not_found", "refused_by_state"),
      ...refusedToAnyone,
    },
  }),
});

const digest = "9f2c41d0".padEnd(64, "0");
const status = {
  active: { generation: 40, digest, git_sha: null, since: "2027-01-31T12:00:00.000Z" },
  attempted: { generation: 41, state: "quarantined", stage: "active", reason: "answers are cut short" },
  canary: null,
  quarantined: [{ digest, generation: 41, reason: "answers are cut short" }],
  sync: { state: "ok", reason: null, last_success: "2027-01-31T12:03:00.000Z" },
  boot: { source: "source", degraded: null },
  pinned: null,
  suspended: null,
  drift: [{ kind: "quarantined", what: digest.slice(0, 8), reason: "answers are cut short", until: null }],
};
const entry = {
  ...{ generation: 41, state: "active", stage: "active", reason: null, digest, source: "git", ref: "main" },
  ...{ git_sha: "7be2d10", author: "Ana <ana@example.com>", signer: null, requests: 48_201 },
  served: [{ as: "active", from: "2027-01-31T12:00:00.000Z", to: null }],
};
const number = { type: "integer", minimum: 1 };

/** How generations come, go, and are told to by people. */
export const generationPaths: Fields = {
  "/admin/api/status": look(
    "How things stand",
    "What serves, what the source came to, the canary, and everything in which the two differ.",
    status,
  ),
  "/admin/api/history": look(
    "Generations",
    "The newest first, with where each came from, who wrote it, what became of it, when it served, and how many requests.",
    { generations: [entry] },
    {
      parameters: [query("limit", "At most so many.", { ...number, maximum: 200 }, 20)],
      fails: failing("invalid_request"),
    },
  ),
  "/admin/api/generations/{number}": look(
    "One generation",
    "Its steps, its diagnostics, its compiled form, and its texts. References stand in them, and no secret.",
    { ...entry, steps: [{ stage: "active", at: "2027-01-31T12:00:00.000Z", note: null }], diagnostics: [] },
    { parameters: [part("number", "Of the generation.", 41, "integer")], fails: failing("not_found") },
  ),
  "/admin/api/diff": look(
    "What two generations do not have in common",
    "By name and with its risk, where both compile with this version (else null), and as texts. Without `to`: what serves.",
    {
      from: 40,
      to: 41,
      has_changes: true,
      changes: [{ path: "models.chat.strategy", class: "ROUTE" }],
      files: [],
    },
    {
      parameters: [query("from", "A generation.", number, 40), query("to", "Another.", number, 41)],
      fails: failing("invalid_request", "not_found"),
    },
  ),
  "/admin/api/audit": look(
    "Who did what",
    "Every order, the newest first, done or refused.",
    {
      entries: [
        {
          at: "2027-01-31T12:00:00.000Z",
          who: "boss",
          action: "rollback",
          to: 40,
          reason: "answers are cut short",
        },
      ],
    },
    {
      parameters: [query("limit", "At most so many.", { ...number, maximum: 1_000 }, 100)],
      fails: failing("invalid_request"),
    },
  ),
  "/admin/api/rollback": order(
    "Roll back",
    "To what was good before, or to a generation; during a canary it ends that. What served is quarantined, and the source is followed on.",
    { to: 40 },
    "Generation 40 serves again; 41 is quarantined.",
  ),
  "/admin/api/promote": order("Promote the canary", "Ends it as good.", {}, "Generation 41 is active."),
  "/admin/api/pin": order(
    "Pin a generation",
    "It serves whatever the source says, until it is unpinned. By default the active one.",
    { generation: 40 },
    "Generation 40 is pinned.",
  ),
  "/admin/api/unpin": order(
    "Unpin",
    "The source is listened to again.",
    {},
    "The pin is gone; the source is looked at.",
  ),
  "/admin/api/suspend": order(
    "Suspend the source",
    "Nothing is taken from it for a while; without `for` until somebody resumes.",
    { for: "2h" },
    "Nothing is taken from the source until 2027-01-31T14:00:00.000Z.",
  ),
  "/admin/api/resume": order("Resume", "Ends a suspension.", {}, "The source is looked at again."),
  "/admin/api/sync": order(
    "Look at the source now",
    "With `force` also while it is suspended, or at something quarantined, whose quarantine is lifted.",
    { force: false },
    "The source was looked at: generation 41 is active.",
  ),
  "/admin/api/propose": order(
    "Propose a change",
    "Changed files by their names are validated, tested and planned as the pipeline would. Where the source is a repository they are pushed as a branch with one commit, for a pull request; where it is a file it is replaced, and watched as ever. What serves is never touched. With `dry_run` nothing is handed in. What is wrong is 400 with `diagnostics` beside `error`; with `base_digest` a source that has changed since is 409.",
    {
      files: { "routes.yaml": "version: 1\n" },
      message: "Prefer azure for chat",
      base_digest: digest,
      dry_run: false,
    },
    "The change is on the branch switchyard/propose-1f2e3d4c; open a pull request for it.",
  ),
  "/admin/api/disable": order(
    "Take something away",
    "A provider, target (`provider/model`), model or key, at once and without the file; without `for` until it is enabled.",
    { kind: "provider", name: "openai", for: "2h" },
    "provider openai is disabled until 2027-01-31T14:00:00.000Z.",
  ),
  "/admin/api/enable": order(
    "Give it back",
    "Ends what `disable` began.",
    { kind: "provider", name: "openai" },
    "provider openai is enabled.",
  ),
};
