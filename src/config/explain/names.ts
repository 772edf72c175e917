import { chat, demo, type Explanation, file, least, lines } from "./example.ts";

/** Of names: who is meant, and by whom. */
export const ofNames = {
  unknown_provider: {
    says: "A target names a provider that does not stand below `providers`.",
    bad: file(...demo, "models:", "  chat: { targets: [dmeo/demo] }"),
    good: least,
  },
  unknown_model: {
    says: "A fallback, an alias, a key or a default names a model that does not exist, not even by a pattern.",
    bad: file(...demo, ...chat, "default_model: caht"),
    good: file(...demo, ...chat, "default_model: chat"),
  },
  unknown_policy: {
    says: "A model names a failover policy that does not stand below `failover`.",
    bad: file(...demo, "models:", "  chat: { targets: [demo/demo], failover: patient }"),
    good: file(
      ...demo,
      "models:",
      "  chat: { targets: [demo/demo], failover: patient }",
      "failover:",
      "  patient: { retries: 3 }",
    ),
  },
  unknown_team: {
    says: "A key names a team that does not stand below `auth.teams`.",
    bad: least + lines("auth:", "  keys:", "    - { id: web-app, secret: env:WEB_APP_KEY, team: search }"),
    good:
      least +
      lines(
        "auth:",
        "  teams:",
        "    search: { models: [chat] }",
        "  keys:",
        "    - { id: web-app, secret: env:WEB_APP_KEY, team: search }",
      ),
  },
  unknown_kind: {
    says: "A provider is of a kind that there is none of; a server that speaks OpenAI's format is of kind openai.",
    bad: file("providers:", "  demo: { kind: simulator }", ...chat),
    good: least,
  },
  alias_cycle: {
    says: "Aliases lead to each other, and to no model.",
    bad: least + lines("aliases: { fast: quick, quick: fast }"),
    good: least + lines("aliases: { fast: quick, quick: chat }"),
  },
  alias_shadows_model: {
    says: "An alias bears the name of a model, which wins, so that the alias would never be used.",
    bad: file(
      ...demo,
      "models:",
      "  chat: { targets: [demo/demo] }",
      "  small: { targets: [demo/demo] }",
      "aliases: { small: chat }",
    ),
    good: file(
      ...demo,
      "models:",
      "  chat: { targets: [demo/demo] }",
      "  small: { targets: [demo/demo] }",
      "aliases: { tiny: chat }",
    ),
  },
  fallback_cycle: {
    says: "A model reaches itself through its fallbacks.",
    bad: file(
      "providers:",
      "  a: { kind: simulated }",
      "  b: { kind: simulated }",
      "models:",
      "  chat: { targets: [a/x], fallbacks: [small] }",
      "  small: { targets: [b/x], fallbacks: [chat] }",
    ),
    good: file(
      "providers:",
      "  a: { kind: simulated }",
      "  b: { kind: simulated }",
      "models:",
      "  chat: { targets: [a/x], fallbacks: [small] }",
      "  small: { targets: [b/x] }",
    ),
  },
  duplicate_id: {
    says: "Two things of one kind bear the same name: keys, members of a pool, targets of a model, or anything in two files.",
    bad:
      least +
      lines(
        "auth:",
        "  keys:",
        "    - { id: web-app, secret: env:WEB_APP_KEY }",
        "    - { id: web-app, secret: env:BATCH_KEY }",
      ),
    good:
      least +
      lines(
        "auth:",
        "  keys:",
        "    - { id: web-app, secret: env:WEB_APP_KEY }",
        "    - { id: batch, secret: env:BATCH_KEY }",
      ),
  },
  bad_include: {
    says: "An included file is not there, leads out of the root file's directory, or holds a section that belongs into the root file.",
    bad: {
      "routes.yaml": least.replace("version: 1\n", 'version: 1\ninclude: ["teams/*.yaml"]\n'),
      "teams/search.yaml": "aliases: { search: chat }\ndefault_model: search\n",
    },
    good: {
      "routes.yaml": `${least.replace("version: 1\n", 'version: 1\ninclude: ["teams/*.yaml"]\n')}default_model: search\n`,
      "teams/search.yaml": "aliases: { search: chat }\n",
    },
  },
} as const satisfies Readonly<Record<string, Explanation>>;
