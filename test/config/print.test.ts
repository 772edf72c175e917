import { expect, test } from "bun:test";
import { excerptsOf, printJson, printPretty } from "../../src/config/print.ts";
import { compileText, source } from "./helpers.ts";

const text = `version: 1
providers:
  openai: { kind: openai, api_key: sk-live-0123456789, bse_url: "https://me:hunter2@x.y" }
models:
  chat: { targets: [opnai/gpt-4o] }
`;
const { diagnostics } = compileText(text);
const pretty = printPretty(diagnostics, excerptsOf([source(text)]));

test("pretty shows place, code, sentence, line and caret", () => {
  expect(pretty).toContain(`routes.yaml:5:21: error unknown_provider
    There is no provider "opnai"; this must be one of those below \`providers\`. Did you mean "openai"?
   5 |   chat: { targets: [opnai/gpt-4o] }
     |                     ^^^^^^^^^^^^`);
});

test("pretty hides what may be a secret, also in lines that are shown for another mistake", () => {
  expect(diagnostics.filter(({ line }) => line === 3).map(({ code }) => code)).toEqual([
    "literal_secret",
    "unknown_key",
  ]);
  expect(pretty).not.toContain("sk-live");
  expect(pretty).not.toContain("hunter2");
  expect(pretty).toContain("api_key: ••••••••••••••••••,");
  const broken = 'version: 1\nproviders: { a: { api_key: [hush-hush, "x }\n';
  expect(printPretty(compileText(broken).diagnostics, excerptsOf([source(broken)]))).not.toContain("hush");
});

test("json is the diagnostics as the contract names their fields", () => {
  const printed: unknown = JSON.parse(printJson(diagnostics));
  expect(printed).toMatchObject({
    diagnostics: [
      {
        code: "literal_secret",
        severity: "error",
        file: "routes.yaml",
        line: 3,
        column: 36,
        end_line: 3,
        end_column: 54,
        path: "/providers/openai/api_key",
      },
      { code: "unknown_key", column: 56, suggestion: "base_url" },
      { code: "unknown_provider", line: 5, path: "/models/chat/targets/0", suggestion: "openai" },
    ],
  });
});
