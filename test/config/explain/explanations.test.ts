import { expect, test } from "bun:test";
import { compile } from "../../../src/config/compile.ts";
import { bytesOf, type Example, filesOf } from "../../../src/config/explain/example.ts";
import { explanations } from "../../../src/config/explain/explanations.ts";
import { checkSecrets } from "../../../src/config/secrets.ts";
import { showRef } from "../../../src/domain/secret_ref.ts";

/** Everything that an example yields, from the file itself and from the secrets that it refers to. */
function codesOf(example: Example): readonly string[] {
  const files = filesOf(example)
    .filter(([name]) => !name.endsWith(".test.yaml"))
    .map(([name, text]) => ({ name, bytes: bytesOf(text) }));
  const compiled = compile(files, { engine: "0.1.0", variables: {} });
  const secrets = compiled.ok
    ? checkSecrets(
        compiled.snapshot,
        (ref) => (showRef(ref).endsWith("unreadable") ? "unreadable" : "set"),
        "error",
      )
    : [];
  return [...compiled.diagnostics, ...secrets].map(({ code }) => code);
}

/** Not of the compiler: of the tests beside the file, and of the commit that brought it. */
const elsewhere = ["test_failed", "unverified_commit"];
const pairs = Object.entries(explanations).filter(([code]) => !elsewhere.includes(code));

test.each(pairs)(
  "%s: the bad example yields just that, the good one nothing",
  (code, { says, bad, good }) => {
    expect([...new Set(codesOf(bad))]).toEqual([code]);
    expect(codesOf(bad)).toHaveLength(1);
    expect(codesOf(good)).toEqual([]);
    expect(says).toMatch(/^[A-Z].*\.$/);
  },
);
