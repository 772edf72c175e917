import { expect, test } from "bun:test";
import { compile } from "../../../src/config/compile.ts";
import { bytesOf, type Example, filesOf } from "../../../src/config/explain/example.ts";
import { explanations } from "../../../src/config/explain/explanations.ts";
import { checkSecrets } from "../../../src/config/secrets.ts";
import { showRef } from "../../../src/domain/secret_ref.ts";
import { runTests } from "../../../src/simulate/tests.ts";

/** Everything that an example yields: from the file itself, the secrets that it refers to and the tests beside it. */
async function codesOf(example: Example): Promise<readonly string[]> {
  const all = filesOf(example).map(([name, text]) => ({ name, bytes: bytesOf(text) }));
  const files = all.filter(({ name }) => !name.endsWith(".test.yaml"));
  const tests = all.find(({ name }) => name.endsWith(".test.yaml"));
  const compiled = compile(files, { engine: "0.1.0", variables: {} });
  const secrets = compiled.ok
    ? checkSecrets(
        compiled.snapshot,
        (ref) => (showRef(ref).endsWith("unreadable") ? "unreadable" : "set"),
        "error",
      )
    : [];
  const tested =
    compiled.ok && tests !== undefined ? (await runTests(compiled.snapshot, tests)).diagnostics : [];
  return [...compiled.diagnostics, ...secrets, ...tested].map(({ code }) => code);
}

/** Of the commit that brought a file, whatever stands in it. */
const ofCommits = ["unverified_commit"];
const pairs = Object.entries(explanations).filter(([code]) => !ofCommits.includes(code));

test.each(pairs)(
  "%s: the bad example yields just that, the good one nothing",
  async (code, { says, bad, good }) => {
    expect(await codesOf(bad)).toEqual([code]);
    expect(await codesOf(good)).toEqual([]);
    expect(says).toMatch(/^[A-Z].*\.$/);
  },
);
