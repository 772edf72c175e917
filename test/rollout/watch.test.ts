import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoriesOf, pollMs, watch } from "../../src/rollout/watch.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(20_000);

const made: string[] = [];
const here = (): string => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "switchyard-watch-")));
  made.push(directory);
  return directory;
};

afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe("the directories to watch", () => {
  test("are the one of a plain file", () => {
    const dir = here();
    writeFileSync(join(dir, "routes.yaml"), "");
    expect(directoriesOf(join(dir, "routes.yaml"))).toEqual([dir]);
  });

  test("are that of every link on the way, of files and of directories", () => {
    const dir = here();
    for (const name of ["real/v1", "links"]) mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, "real/v1/routes.yaml"), "");
    symlinkSync("v1", join(dir, "real/current"));
    symlinkSync("../real/current/routes.yaml", join(dir, "links/routes.yaml"));
    symlinkSync(join(dir, "links/routes.yaml"), join(dir, "routes.yaml"));
    expect([...directoriesOf(join(dir, "routes.yaml"))].sort()).toEqual(
      [dir, join(dir, "links"), join(dir, "real"), join(dir, "real/v1")].sort(),
    );
  });

  test("end where links go in circles, and where nothing is", () => {
    const dir = here();
    symlinkSync("b", join(dir, "a"));
    symlinkSync("a", join(dir, "b"));
    expect(directoriesOf(join(dir, "a"))).toEqual([dir]);
    expect(directoriesOf(join(dir, "gone/routes.yaml"))).toEqual([join(dir, "gone")]);
    writeFileSync(join(dir, "file"), "");
    expect(directoriesOf(join(dir, "file/deeper/routes.yaml"))).toEqual([join(dir, "file/deeper")]);
  });
});

describe("a hint", () => {
  test("comes with any event in the directory, whatever its name", async () => {
    const dir = here();
    let hints = 0;
    const watching = watch(
      () => [join(dir, "routes.yaml")],
      () => (hints += 1),
    );
    writeFileSync(join(dir, "..data_tmp"), "x");
    await until(() => hints > 0, "a hint", pollMs / 2);
    watching.stop();
  });

  test("comes from the poll when the directory itself was replaced, and from its events after that", async () => {
    const dir = here();
    mkdirSync(join(dir, "conf"));
    let hints = 0;
    const watching = watch(
      () => [join(dir, "conf/routes.yaml")],
      () => (hints += 1),
    );
    renameSync(join(dir, "conf"), join(dir, "old"));
    mkdirSync(join(dir, "conf"));
    const before = hints;
    // A poll is a hint too, and looks for directories first.
    await until(() => hints > before + 1, "two hints: the move and the poll", pollMs + 1_000);
    const polled = hints;
    writeFileSync(join(dir, "conf/routes.yaml"), "");
    await until(() => hints > polled, "a hint of the new directory", pollMs / 2);
    watching.stop();
  });

  test("comes no more once stopped", async () => {
    const dir = here();
    let hints = 0;
    const watching = watch(
      () => [join(dir, "routes.yaml")],
      () => (hints += 1),
    );
    watching.stop();
    writeFileSync(join(dir, "routes.yaml"), "x");
    let other = 0;
    const control = watch(
      () => [join(dir, "routes.yaml")],
      () => (other += 1),
    );
    writeFileSync(join(dir, "routes.yaml"), "y");
    await until(() => other > 0, "an event");
    expect(hints).toBe(0);
    control.stop();
  });
});
