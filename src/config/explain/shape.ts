import { chat, demo, type Explanation, file, least, lines } from "./example.ts";

const zeros = "0".repeat(64);

/** Of keys and values: what may stand where. */
export const ofShape = {
  unknown_key: {
    says: "A key is not known here; most often it is misspelt, or stands one level too deep.",
    bad: file(...demo, "models:", "  chat: { targets: [demo/demo], stratgy: weighted }"),
    good: file(...demo, "models:", "  chat: { targets: [demo/demo], strategy: weighted }"),
  },
  missing_key: {
    says: "A mapping lacks a key without which it means nothing.",
    bad: file(...demo, "models:", "  chat: { strategy: weighted }"),
    good: file(...demo, "models:", "  chat: { strategy: weighted, targets: [demo/demo] }"),
  },
  wrong_type: {
    says: "A value is not of the form that belongs here; digits in quotes are text, and a time needs its unit.",
    bad: file(...demo, ...chat, "timeouts: { idle: 30 }"),
    good: file(...demo, ...chat, "timeouts: { idle: 30s }"),
  },
  out_of_range: {
    says: "A value has the right form and is too small, too large, or no day of the calendar.",
    bad: file(
      "providers:",
      "  demo: { kind: simulated, limits: { rpm: 0 } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
    good: file(
      "providers:",
      "  demo: { kind: simulated, limits: { rpm: 60 } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
  },
  unsupported_version: {
    says: "The file is of a version of this format that the gateway does not read.",
    bad: least.replace("version: 1", "version: 2"),
    good: least,
  },
  engine_mismatch: {
    says: "The file asks, by `requires`, for another version of Switchyard than this one.",
    bad: least.replace("version: 1\n", 'version: 1\nrequires: ">=99.0.0"\n'),
    good: least.replace("version: 1\n", 'version: 1\nrequires: ">=0.1.0"\n'),
  },
  tpr_over_tpm: {
    says: "One request may take more tokens (tpr) than a whole minute may (tpm), so such a request could never be sent.",
    bad: file(
      "providers:",
      "  demo: { kind: simulated, limits: { tpm: 100k, tpr: 128k } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
    good: file(
      "providers:",
      "  demo: { kind: simulated, limits: { tpm: 200k, tpr: 128k } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
  },
  zero_weights: {
    says: "The weights of all targets of a model are zero, so none of them would ever be chosen.",
    bad: file(
      ...demo,
      "models:",
      "  chat:",
      "    strategy: weighted",
      "    targets:",
      "      - { provider: demo, model: a, weight: 0 }",
      "      - { provider: demo, model: b, weight: 0 }",
    ),
    good: file(
      ...demo,
      "models:",
      "  chat:",
      "    strategy: weighted",
      "    targets:",
      "      - { provider: demo, model: a, weight: 9 }",
      "      - { provider: demo, model: b, weight: 1 }",
    ),
  },
  literal_secret: {
    says: "A secret stands in the file itself, where everybody who reads it sees it; refer to a variable or a file instead.",
    bad: least + lines("auth:", "  keys:", "    - { id: web-app, secret: not-so-secret-any-more }"),
    good:
      least +
      lines(
        "auth:",
        "  keys:",
        "    - { id: web-app, secret: env:WEB_APP_KEY }",
        `    - { id: batch, secret: "sha256:${zeros}" }`,
      ),
  },
} as const satisfies Readonly<Record<string, Explanation>>;
