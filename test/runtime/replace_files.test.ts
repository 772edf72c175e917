import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFiles } from "../../src/runtime/replace_files.ts";
import { directories } from "../support/scratch.ts";

const { make, remove } = directories();
afterEach(remove);

const bytes = (text: string) => new TextEncoder().encode(text);
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("replacing files", () => {
  test("keeps their mode, makes those that are not there, and leaves nothing else behind", async () => {
    const directory = make();
    const [old, fresh] = [join(directory, "old.yaml"), join(directory, "teams/new/fresh.yaml")];
    writeFileSync(old, "before");
    chmodSync(old, 0o640);
    const inode = statSync(old).ino;
    expect(
      await replaceFiles(
        new Map([
          [old, bytes("after")],
          [fresh, bytes("new")],
        ]),
      ),
    ).toBeNull();
    expect([readFileSync(old, "utf8"), readFileSync(fresh, "utf8")]).toEqual(["after", "new"]);
    expect([modeOf(old), modeOf(fresh) & 0o444]).toEqual([0o640, 0o444]);
    expect(statSync(old).ino).not.toBe(inode);
    expect(readdirSync(directory, { recursive: true }).sort()).toEqual(
      ["old.yaml", "teams", "teams/new", "teams/new/fresh.yaml"].sort(),
    );
  });

  test("changes none where one of them cannot be prepared, and says why", async () => {
    const directory = make();
    const old = join(directory, "old.yaml");
    writeFileSync(old, "before");
    const below = join(old, "no-directory.yaml");
    expect(
      await replaceFiles(
        new Map([
          [old, bytes("after")],
          [below, bytes("x")],
        ]),
      ),
    ).toBe("a file stands where a directory has to be");
    expect(readFileSync(old, "utf8")).toBe("before");
    expect(readdirSync(directory)).toEqual(["old.yaml"]);
  });

  test.skipIf(process.getuid?.() === 0)("says so where that is not permitted", async () => {
    const directory = make();
    chmodSync(directory, 0o500);
    expect(await replaceFiles(new Map([[join(directory, "x"), bytes("x")]]))).toBe("permission denied");
    chmodSync(directory, 0o700);
  });
});
