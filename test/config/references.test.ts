// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, test } from "bun:test";
import { checkSecrets } from "../../src/config/secrets.ts";
import { showRef } from "../../src/domain/secret_ref.ts";
import { settings } from "../../src/domain/settings.ts";
import { base, brief, compileText, snapshotOf } from "./helpers.ts";

const withHeader = (value: string) =>
  base.replace("kind: openai,", `kind: openai, headers: { x-org: "${value}" },`);
const header = (value: string, variables: Record<string, string>) =>
  snapshotOf(withHeader(value), { variables }).providers.get("one")?.headers["x-org"];

describe("${NAME} in an open field", () => {
  test("is filled in after parsing", () => {
    expect(header("a-${X}-${Y:-c}", { X: "b" })).toBe("a-b-c");
    expect(header("${X}", { X: "yes: { no: 1 }" })).toBe("yes: { no: 1 }");
    expect(header("${X:-d}", { X: "" })).toBe("d");
    expect(header("${X}", { X: "${Y}", Y: "z" })).toBe("${Y}");
  });

  test("is an error to whoever serves and a warning to whoever looks", () => {
    expect(brief(compileText(withHeader("${X}")).diagnostics)).toEqual(["3:42 unset_reference"]);
    const looked = compileText(withHeader("${X}"), { unset: "warning" });
    expect(looked.ok).toBe(true);
    expect(looked.diagnostics).toMatchObject([{ code: "unset_reference", severity: "warning" }]);
  });

  test("may not bring a line break in, and its value is not shown", () => {
    const { ok, diagnostics } = compileText(withHeader("${X}"), { variables: { X: "hush\r\nHost: evil" } });
    expect(ok).toBe(false);
    expect(brief(diagnostics)).toEqual(["3:42 out_of_range"]);
    expect(JSON.stringify(diagnostics)).not.toContain("hush");
  });

  test("may not name a variable that is a secret elsewhere, set or not", () => {
    for (const variables of [{}, { ONE_KEY: "sk-hush" }]) {
      const { diagnostics } = compileText(withHeader("${ONE_KEY}"), { variables });
      expect(brief(diagnostics)).toEqual(["3:42 forbidden_reference"]);
      expect(diagnostics[0]?.related).toHaveLength(1);
      expect(JSON.stringify(diagnostics)).not.toContain("hush");
    }
  });
});

test.each(Object.keys(settings))("the setting %s cannot be referred to, open or as a secret", (name) => {
  const variables = { [name]: "hush" };
  expect(brief(compileText(withHeader(`\${${name}}`), { variables }).diagnostics)).toEqual([
    "3:42 forbidden_reference",
  ]);
  expect(brief(compileText(base.replace("ONE_KEY", name)).diagnostics)).toEqual(["3:33 forbidden_reference"]);
});

describe("secrets", () => {
  const pool = base.replace("env:ONE_KEY", "[env:ONE_KEY, env:SPARE]");
  const check = (text: string, set: readonly string[], severity: "error" | "warning" = "error") =>
    checkSecrets(snapshotOf(text), (ref) => (set.includes(showRef(ref)) ? "set" : "unset"), severity).map(
      ({ severity: level, line, column, message }) => `${level} ${line}:${column} ${message.split(" ")[0]}`,
    );

  test("that are set are not spoken of", () => {
    expect(check(base, ["env:ONE_KEY", "env:TWO_KEY"])).toEqual([]);
  });
  test("that are unset are errors at their place", () => {
    expect(check(base, ["env:TWO_KEY"])).toEqual(["error 3:33 env:ONE_KEY"]);
  });
  test("of an optional provider only warn", () => {
    expect(check(base.replace("kind: openai,", "kind: openai, optional: true,"), ["env:TWO_KEY"])).toEqual([
      "warning 3:49 env:ONE_KEY",
    ]);
  });
  test("of a pool only warn while another member is set", () => {
    expect(check(pool, ["env:SPARE", "env:TWO_KEY"])).toEqual(["warning 3:34 env:ONE_KEY"]);
    expect(check(pool, ["env:TWO_KEY"])).toEqual(["error 3:34 env:ONE_KEY", "error 3:47 env:SPARE"]);
  });
  test("of a client key count, and a digest needs none", () => {
    const keys = (secret: string) => `${base}auth: { keys: [{ id: k, secret: ${secret} }] }\n`;
    const providers = ["env:ONE_KEY", "env:TWO_KEY"];
    expect(check(keys("env:K"), providers)).toEqual(["error 7:33 env:K"]);
    expect(check(keys(`[env:K, sha256:${"0".repeat(64)}]`), providers)).toEqual(["warning 7:34 env:K"]);
    expect(check(keys(`sha256:${"A".repeat(64)}`), providers)).toEqual([]);
  });
  test("of a private service count", () => {
    const service = base.replace(
      "kind: openai, api_key: env:ONE_KEY",
      'kind: request, base_url: "http://127.0.0.1", auth_url: "http://127.0.0.1/t", username: env:U, password: env:P',
    );
    expect(check(service, ["env:TWO_KEY"])).toEqual(["error 3:97 env:U", "error 3:114 env:P"]);
  });
  test("that cannot be read, or lie where they may not, say so", () => {
    const codes = (looked: "unreadable" | "forbidden") =>
      checkSecrets(snapshotOf(base), () => looked, "error").map(({ code }) => code);
    expect(codes("unreadable")).toEqual(["unreadable_secret", "unreadable_secret"]);
    expect(codes("forbidden")).toEqual(["forbidden_reference", "forbidden_reference"]);
  });
});

test("a variable in a free parameter may have several lines", () => {
  const text = base.replace("kind: openai,", 'kind: openai, defaults: { user: "${X}" },');
  expect(snapshotOf(text, { variables: { X: "a\nb" } }).providers.get("one")?.defaults).toEqual({
    user: "a\nb",
  });
});
