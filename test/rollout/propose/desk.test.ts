import { describe, expect, test } from "bun:test";
import type { Shelf } from "../../../src/config/source.ts";
import { readSources } from "../../../src/config/source.ts";
import { ok } from "../../../src/core/result.ts";
import { overlaid, pathOf } from "../../../src/rollout/propose/desk.ts";

describe("the path that a name means", () => {
  test.each([
    ["routes.yaml", "routes.yaml", "routes.yaml"],
    ["/etc/gateway/routes.yaml", "routes.yaml", "/etc/gateway/routes.yaml"],
    ["/etc/gateway/routes.yaml", "/etc/gateway/routes.yaml", "/etc/gateway/routes.yaml"],
    ["config/routes.yml", "routes.test.yaml", "config/routes.test.yaml"],
    ["config/routes.yml", "config/routes.test.yaml", "config/routes.test.yaml"],
    ["config/routes.yml", "teams/search.yaml", "config/teams/search.yaml"],
    ["./routes.yaml", "teams/search.yaml", "teams/search.yaml"],
  ])("beside %s, %s is %s", (root, name, path) => {
    expect(pathOf(root, name)).toBe(path);
  });

  test.each([
    "",
    ".",
    "..",
    "../x.yaml",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    ".git/config",
    "a/.hidden",
    "a\\b",
    "a\nb",
    "a\u0000b",
    "a/",
  ])("%j means none", (name) => {
    expect(pathOf("routes.yaml", name)).toBeNull();
  });
});

test("a shelf with changes reads them in the place of what stands there, and lists what they add", async () => {
  const there: Record<string, string> = {
    "config/routes.yaml": "version: 1\ninclude: [teams/*.yaml]\n",
    "config/teams/a.yaml": "aliases: { a: x }\n",
    "config/teams/b.yaml": "aliases: { b: x }\n",
  };
  const text = (value: string) => new TextEncoder().encode(value);
  const shelf: Shelf = {
    read: async (path, name) => ok({ name, bytes: text(there[path] ?? "nothing") }),
    list: async (directory) =>
      Object.keys(there)
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1).split("/")[0] ?? ""),
    problemOf: async (_, name) => (name === "teams/b.yaml" ? "is a link" : null),
  };
  const changes = new Map([
    ["config/teams/a.yaml", text("aliases: { changed: x }\n")],
    ["config/teams/c.yaml", text("aliases: { added: x }\n")],
  ]);
  const refused = await readSources("config/routes.yaml", overlaid(shelf, changes));
  expect(refused.ok ? null : refused.error[0]?.message).toContain("is a link");
  delete there["config/teams/b.yaml"];
  const read = await readSources("config/routes.yaml", overlaid(shelf, changes));
  const texts = read.ok
    ? read.value.map(({ name, bytes }) => `${name}: ${new TextDecoder().decode(bytes).trim()}`)
    : [];
  expect(texts.slice(1)).toEqual([
    "teams/a.yaml: aliases: { changed: x }",
    "teams/c.yaml: aliases: { added: x }",
  ]);
});
