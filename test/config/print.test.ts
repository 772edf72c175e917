import { describe, expect, test } from "bun:test";
import { printGithub, printJson, printPretty } from "../../src/config/print.ts";
import { compileText } from "./helpers.ts";

const text = `version: 1
providers:
  openai: { kind: openai, api_key: sk-live-0123456789, bse_url: "https://me:hunter2@x.y" }
models:
  chat: { targets: [opnai/gpt-4o] }
`;
const { diagnostics } = compileText(text);
const pretty = printPretty(diagnostics, () => text.split("\n"));

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
  expect(printPretty(compileText(broken).diagnostics, () => broken.split("\n"))).not.toContain("hush");
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

describe("github", () => {
  test("writes one workflow command for each", () => {
    expect(printGithub(diagnostics).split("\n")[2]).toStartWith(
      '::error file=routes.yaml,line=5,col=21,endLine=5,endColumn=33,title=unknown_provider::There is no provider "opnai"',
    );
  });

  test("escapes what would end a command or a property", () => {
    const [first] = diagnostics;
    if (first === undefined) throw new Error("nothing to print");
    const odd = {
      ...first,
      severity: "warning" as const,
      file: "a,b:c%.yaml",
      message: "100%\r\n::error::x",
    };
    expect(printGithub([odd])).toStartWith("::warning file=a%2Cb%3Ac%25.yaml,line=3");
    expect(printGithub([odd])).toEndWith("::100%25%0D%0A::error::x");
  });
});
