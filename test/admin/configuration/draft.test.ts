import { describe, expect, test } from "bun:test";
import { draftIn } from "../../../src/admin/configuration/kept_draft.ts";
import {
  changedFiles,
  partsOf,
  shortName,
  textOf,
  withText,
} from "../../../src/admin/configuration/texts.ts";

const root = { name: "/etc/switchyard/routes.yaml", text: "version: 1\n" };
const more = { name: "more/a.yaml", text: "models: {}\n" };
const tests = { name: "/etc/switchyard/routes.test.yaml", text: "version: 1\ntests: []\n" };
const texts = { files: [root, more], tests };
const draft = { ...texts, begunFrom: { ...texts, generation: 3, digest: "d", git_sha: null } };

describe("what was kept of an edit", () => {
  test("is there again", () => {
    expect(draftIn(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
    expect(draftIn({ ...draft, tests: null })).toEqual({ ...draft, tests: null });
  });
  test.each([
    ["nothing", null],
    ["a text", "draft"],
    ["a list", []],
    ["no files", { ...draft, files: [] }],
    ["a file without a text", { ...draft, tests: { name: "x" } }],
    ["no beginning", { ...texts }],
    ["a beginning of another shape", { ...texts, begunFrom: { ...texts, generation: "3" } }],
  ])("is not where it is %s", (_, value) => {
    expect(draftIn(value)).toBeNull();
  });
});

test("files that are edited, begun or taken away are told by their names", () => {
  expect(changedFiles(texts, texts)).toEqual([]);
  expect(changedFiles(texts, withText(texts, more.name, ""))).toEqual([more.name]);
  expect(changedFiles({ ...texts, tests: null }, texts)).toEqual([tests.name]);
  expect(changedFiles(texts, { ...texts, files: [root] })).toEqual([more.name]);
});

test("one file is written, and the others stay", () => {
  const after = withText(texts, tests.name, "version: 1\n");
  expect([textOf(after, tests.name), textOf(after, root.name), textOf(after, "none")]).toEqual([
    "version: 1\n",
    root.text,
    "",
  ]);
  expect(partsOf(after).map(({ part }) => part)).toEqual(["root", "included", "tests"]);
});

test.each([
  ["/etc/switchyard/routes.yaml", "routes.yaml"],
  ["C:\\switchyard\\routes.yaml", "routes.yaml"],
  ["more/a.yaml", "more/a.yaml"],
])("%s is called %s", (name, short) => {
  expect(shortName(name)).toBe(short);
});
