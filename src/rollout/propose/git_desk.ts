import { normalize } from "node:path/posix";
import { readSources } from "../../config/source.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { DurationMs } from "../../core/units.ts";
import type { Texts } from "../draft/question.ts";
import { testsBeside } from "../file_source.ts";
import { checkAccess } from "../git/access.ts";
import { contentsOf } from "../git/contents.ts";
import { openDen } from "../git/den.ts";
import { type Failure, reasonOf } from "../git/failure.ts";
import { type Git, gitOf } from "../git/git.ts";
import { Mirror } from "../git/mirror.ts";
import type { GitSettings } from "../git/settings.ts";
import { shelfOf } from "../git/shelf.ts";
import { deadlineMs } from "../git/source.ts";
import { type Changes, type Desk, overlaid, type Sheet } from "./desk.ts";
import { pushBranch } from "./push.ts";

/** What proposals to a repository are made with. */
export interface GitDeskOptions {
  readonly settings: GitSettings;
  /** A directory of its own, apart from the one that git sync has: neither waits for the other. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of each git command. */
  readonly deadlineMs?: DurationMs;
}

/** A copy of the repository, made when the first proposal comes. */
interface Copy {
  readonly git: Git;
  readonly mirror: Mirror;
}

/** Proposals for a repository: each becomes a branch with one commit on the tip of what is followed. */
export function gitDesk(options: GitDeskOptions): Desk {
  const { settings } = options;
  let copy: Copy | null = null;
  return {
    kind: "git",
    root: settings.path,
    open: async (changes) => {
      try {
        copy ??= copyOf(options);
        const opened = await sheetOf(copy, settings, changes);
        return opened.ok ? opened : err(`The repository cannot be used: ${reasonOf(opened.error)}`);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : "unknown reason";
        return err(`The directory of proposals cannot be written: ${code}.`);
      }
    },
  };
}

function copyOf({ settings, directory, environment, deadlineMs: ownMs = deadlineMs }: GitDeskOptions): Copy {
  const git = gitOf({ settings, den: openDen(directory), environment, deadlineMs: ownMs });
  return { git, mirror: new Mirror(git) };
}

async function sheetOf(
  { git, mirror }: Copy,
  settings: GitSettings,
  changes: Changes,
): Promise<Result<Sheet, Failure>> {
  const access = await checkAccess(settings);
  if (!access.ok) return access;
  const tip = await mirror.fetch(access.value);
  if (!tip.ok) return tip;
  const { sha } = tip.value;
  const contents = await contentsOf(mirror, sha, settings.path);
  if (!contents.ok) return contents;
  const { value } = contents;
  const base: Texts | null = value.kind === "files" ? { files: value.files, tests: value.tests } : null;
  const head = await readHead(mirror, sha, settings.path, changes);
  return ok({
    base,
    head,
    submit: (byline) => pushBranch({ git, mirror, secrets: access.value }, sha, changes, byline),
  });
}

async function readHead(mirror: Mirror, sha: string, root: string, changes: Changes): Promise<Sheet["head"]> {
  const commit = shelfOf((args) => mirror.read(args), sha);
  const shelf = overlaid(commit, changes);
  const path = testsBeside(root);
  const files = await readSources(root, shelf);
  const hasTests = changes.has(normalize(path)) || (await commit.has(path));
  const tests = hasTests ? await shelf.read(path, path) : ok(null);
  if (files.ok && tests.ok) return ok({ files: files.value, tests: tests.value });
  return err([...(files.ok ? [] : files.error), ...(tests.ok ? [] : [tests.error])]);
}
