import { expect, test } from "bun:test";
import { credentialId } from "../../src/routing/identity.ts";
import { snapshotOf } from "../support/snapshot.ts";

/** How many credentials the providers of a file have between them. */
const apart = (yaml: string): number => {
  const { providers } = snapshotOf(`${yaml}
models: { m: { targets: [a/x, b/x] } }`);
  return new Set([...providers.values()].map((provider) => credentialId(provider, null))).size;
};

test.each([
  [
    "simulated providers, which have no address: a 429 of one says nothing about another",
    "kind: simulated",
    "kind: simulated",
    2,
  ],
  [
    "the same address without a key",
    'kind: openai, base_url: "http://127.0.0.1:1"',
    'kind: openai, base_url: "http://127.0.0.1:1"',
    1,
  ],
  [
    "another address",
    'kind: openai, base_url: "http://127.0.0.1:1"',
    'kind: openai, base_url: "http://127.0.0.1:2"',
    2,
  ],
])("%s", (_, a, b, count) => {
  expect(apart(`providers: { a: { ${a} }, b: { ${b} } }`)).toBe(count);
});
