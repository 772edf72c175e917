import { type Explanation, file } from "./example.ts";

/** Two providers with what is known of their models, and models. */
const two = (ofOne: string, ofTwo: string, ...models: readonly string[]): string =>
  file(
    "providers:",
    `  one: { kind: openai, models: { ${ofOne} } }`,
    `  two: { kind: mistral, models: { ${ofTwo} } }`,
    "models:",
    ...models,
  );
const free = '"*": { price: free }';
const one = ["providers:", `  one: { kind: openai, models: { ${free} } }`];

/** Of what works and is probably not meant. */
export const ofWarnings = {
  single_target: {
    says: "A model has one target and no fallback, so it is down whenever its provider is.",
    bad: file(...one, "models:", "  chat: { targets: [one/a] }"),
    good: two(free, free, "  chat: { targets: [one/a, two/b] }"),
  },
  same_provider_fallback: {
    says: "A fallback goes to the very provider whose outage it should bridge.",
    bad: file(
      ...one,
      "models:",
      "  chat: { targets: [one/a, one/b], fallbacks: [small] }",
      "  small: { targets: [one/c, one/d] }",
    ),
    good: two(
      free,
      free,
      "  chat: { targets: [one/a, one/b], fallbacks: [small] }",
      "  small: { targets: [two/c, two/d] }",
    ),
  },
  smaller_context: {
    says: "A fallback has room for fewer tokens than the model itself, so long requests cannot fall back.",
    bad: two(
      "a: { price: free, context: 128k }",
      '"*": { price: free, context: 32k }',
      "  chat: { targets: [one/a], fallbacks: [small] }",
      "  small: { targets: [two/b, two/c] }",
    ),
    good: two(
      "a: { price: free, context: 128k }",
      '"*": { price: free, context: 128k }',
      "  chat: { targets: [one/a], fallbacks: [small] }",
      "  small: { targets: [two/b, two/c] }",
    ),
  },
  unreachable_limit: {
    says: "A limit can never be reached, because another one is always reached first.",
    bad: file(
      "providers:",
      "  demo: { kind: simulated, limits: { rpm: 1, rpd: 10k } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
    good: file(
      "providers:",
      "  demo: { kind: simulated, limits: { rpm: 10, rpd: 10k } }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
  },
  no_price: {
    says: "No price is known for a target, so its cost is not either; an error where a key with a budget can reach it.",
    bad: two("a: { context: 128k }", free, "  chat: { targets: [one/a, two/b] }"),
    good: two(
      "a: { price: { input: 2.50, output: 10 }, context: 128k }",
      free,
      "  chat: { targets: [one/a, two/b] }",
    ),
  },
  unused: {
    says: "A provider, a team or a policy stands in the file, and nothing leads to it.",
    bad: file(
      "providers:",
      "  demo: { kind: simulated }",
      "  spare: { kind: simulated }",
      "models:",
      "  chat: { targets: [demo/demo] }",
    ),
    good: file(
      "providers:",
      "  demo: { kind: simulated }",
      "  spare: { kind: simulated }",
      "models:",
      "  chat: { targets: [demo/demo, spare/demo] }",
    ),
  },
  deprecated_model: {
    says: "Something of the file still leads to a model that is deprecated.",
    bad: file(
      "providers:",
      "  demo: { kind: simulated }",
      "models:",
      "  chat: { targets: [demo/demo] }",
      "  old: { targets: [demo/old], deprecated: { use: chat } }",
      "default_model: old",
    ),
    good: file(
      "providers:",
      "  demo: { kind: simulated }",
      "models:",
      "  chat: { targets: [demo/demo] }",
      "  old: { targets: [demo/old], deprecated: { use: chat } }",
      "default_model: chat",
    ),
  },
} as const satisfies Readonly<Record<string, Explanation>>;
