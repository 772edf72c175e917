// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { type Explanation, file, least, lines } from "./example.ts";

/** A provider with some keys, and another one beside it. */
const openai = (keys: string): string =>
  file(
    "providers:",
    `  main: { kind: openai, ${keys}, models: { "*": { price: free } } }`,
    "  demo: { kind: simulated }",
    "models:",
    "  chat: { targets: [main/gpt-4o, demo/demo] }",
  );

/** Of what the file refers to: variables, files, addresses, and promises that it makes. */
export const ofOutside = {
  unset_reference: {
    says: "A variable that the file refers to is not set; an error to whoever serves, a warning to whoever only looks.",
    bad: openai('headers: { OpenAI-Organization: "${ORGANIZATION}" }'),
    good: openai('headers: { OpenAI-Organization: "${ORGANIZATION:-acme}" }'),
  },
  unreadable_secret: {
    says: "The file that holds a secret is there and cannot be read, or is larger than 64 KiB.",
    bad: openai("api_key: file:openai/unreadable"),
    good: openai("api_key: file:openai/key"),
  },
  forbidden_reference: {
    says: "A reference leads where it may not: to a setting of the gateway, out of SECRETS_DIR, or to a secret from an open field.",
    bad: openai("api_key: env:ADMIN_KEY"),
    good: openai("api_key: env:OPENAI_API_KEY"),
  },
  invalid_url: {
    says: "An address is not http or https, or has credentials, a query or a fragment in it.",
    bad: openai('base_url: "https://llm.example.com/v1?key=1"'),
    good: openai("base_url: https://llm.example.com/v1, query: { region: eu }"),
  },
  forbidden_address: {
    says: "An address is that of a cloud's metadata service, which hands out credentials.",
    bad: openai("base_url: http://169.254.169.254/v1"),
    good: openai("base_url: http://10.0.0.7:8000/v1"),
  },
  assert_failed: {
    says: "An invariant below `assert` does not hold.",
    bad: least + lines("assert:", "  - { model: chat, min_providers: 2 }"),
    good: file(
      "providers:",
      "  a: { kind: simulated }",
      "  b: { kind: simulated }",
      "models:",
      "  chat: { targets: [a/x, b/x] }",
      "assert:",
      "  - { model: chat, min_providers: 2 }",
    ),
  },
  test_failed: {
    says: "A case of the routes.test.yaml beside the file does not hold, so the file is not served.",
    bad: {
      "routes.yaml": least,
      "routes.test.yaml": file(
        "tests:",
        "  - name: chat answers",
        "    send: { model: chat }",
        "    expect: { status: 200, attempts: 2 }",
      ),
    },
    good: {
      "routes.yaml": least,
      "routes.test.yaml": file(
        "tests:",
        "  - name: chat answers",
        "    send: { model: chat }",
        "    expect: { status: 200, attempts: 1 }",
      ),
    },
  },
  unverified_commit: {
    says: "The commit that git sync found is not signed by one of GIT_SYNC_ALLOWED_SIGNERS, so nothing of it is served.",
    bad: `# git commit -m "Move chat"\n${least}`,
    good: `# git commit -S -m "Move chat"\n${least}`,
  },
} as const satisfies Readonly<Record<string, Explanation>>;
