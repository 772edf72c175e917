// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expressions of GitHub.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { checkConfig } from "../../scripts/check_config.ts";
import { isRecord } from "../../src/core/record.ts";
import { keptShell } from "../cli/shell.ts";

setDefaultTimeout(20_000);

const root = join(import.meta.dir, "../..");
const scratch = mkdtempSync(join(tmpdir(), "switchyard-workflows-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Tree = Readonly<Record<string, unknown>>;
const tree = (value: unknown): Tree => (isRecord(value) ? value : {});
const trees = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.map(tree) : []);

interface Steps {
  readonly file: string;
  readonly text: string;
  readonly whole: Tree;
  readonly jobs: readonly (readonly [name: string, job: Tree])[];
  readonly steps: readonly Tree[];
}

const workflows = readdirSync(join(root, ".github/workflows")).map((name) =>
  read(`.github/workflows/${name}`),
);
const action = read(".github/actions/check/action.yml");
const all = [...workflows, action];

function read(file: string): Steps {
  const text = readFileSync(join(root, file), "utf8");
  const whole = tree(parse(text));
  const jobs = Object.entries(tree(whole["jobs"])).map(([name, job]) => [name, tree(job)] as const);
  const lists = [tree(whole["runs"])["steps"], ...jobs.map(([, job]) => job["steps"])];
  return { file, text, whole, jobs, steps: lists.flatMap(trees) };
}

const workflow = (name: string): Steps => read(`.github/workflows/${name}.yml`);
const runsOf = ({ steps }: Steps): readonly string[] =>
  steps.flatMap(({ run }) => (typeof run === "string" ? [run] : []));

test("the workflows are those that are known", () => {
  expect(workflows.map(({ file }) => file.split("/").at(-1)).sort()).toEqual([
    "ci.yml",
    "config-comment.yml",
    "config.yml",
  ]);
});

describe.each(all.map((each) => [each.file, each] as const))("%s", (_, each) => {
  test("pins every action by the hash of a commit, and says which version that is", () => {
    const uses = each.text.split("\n").filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    expect(uses).toHaveLength(each.steps.filter((step) => "uses" in step).length);
  });

  test("puts nothing from outside into the text of a script", () => {
    expect(runsOf(each).filter((run) => run.includes("${{"))).toEqual([]);
  });

  test("needs no secret, and leaves no credential behind", () => {
    expect(each.text).not.toMatch(/\bsecrets\b/);
    expect(each.text).not.toContain("pull_request_target");
    const checkouts = each.steps.filter(({ uses }) => String(uses).startsWith("actions/checkout@"));
    for (const checkout of checkouts) expect(tree(checkout["with"])["persist-credentials"]).toBe(false);
  });

  test("ends by itself", () => {
    for (const [, job] of each.jobs) expect(job["timeout-minutes"]).toBeLessThanOrEqual(15);
  });

  test("runs scripts that are there", () => {
    const named = runsOf(each).flatMap((run) => run.match(/(?:scripts|\.ci)\/[\w./]+/g) ?? []);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

test("an action has one version everywhere", () => {
  const versions = new Map<string, Set<string>>();
  for (const { text } of all)
    for (const [, name = "", version = ""] of text.matchAll(/uses: ([\w./-]+)@(.*)/g))
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
  expect([...versions].filter(([, found]) => found.size > 1)).toEqual([]);
});

describe("permissions", () => {
  test.each(workflows.map((each) => [each.file, each] as const))(
    "%s grants reading alone, but for the comment",
    (file, { whole, jobs }) => {
      const granted = [whole["permissions"], ...jobs.map(([, job]) => job["permissions"])].flatMap((each) =>
        Object.entries(tree(each)).map(([what, how]) => `${what}: ${how}`),
      );
      // Nothing said would mean what the repository's settings say.
      expect(isRecord(whole["permissions"])).toBe(true);
      const written = granted.filter((each) => !each.endsWith(": read"));
      expect(written).toEqual(file.endsWith("config-comment.yml") ? ["pull-requests: write"] : []);
    },
  );

  test("what runs a pull request's own code can read the repository, and that is all", () => {
    const { whole, jobs } = workflow("config");
    expect(whole["permissions"]).toEqual({ contents: "read" });
    expect(Object.fromEntries(jobs)["check"]).not.toHaveProperty("permissions");
    expect(Object.keys(tree(whole["on"]))).toEqual(["pull_request"]);
  });

  test("what may write runs the default branch's code on a finished run, and nothing else", () => {
    const { whole, steps } = workflow("config-comment");
    expect(whole["permissions"]).toEqual({});
    expect(whole["on"]).toEqual({ workflow_run: { workflows: ["config"], types: ["completed"] } });
    const checkouts = steps.filter(({ uses }) => String(uses).startsWith("actions/checkout@"));
    expect(checkouts.map((each) => tree(each["with"])["ref"])).toEqual([
      "${{ github.event.repository.default_branch }}",
    ]);
    expect(steps.flatMap(({ run }) => (run === undefined ? [] : [run]))).toEqual([
      "node scripts/comment_on_pull_request.mjs",
    ]);
    // Beside the code that is run, not over it.
    const downloads = steps.filter(({ uses }) => String(uses).startsWith("actions/download-artifact@"));
    expect(downloads.map((each) => tree(each["with"])["path"])).toEqual(["${{ runner.temp }}/config-check"]);
  });
});

/** Runs the script of a step with programs of ours in place of others; what it printed. */
async function runStep(
  run: string,
  env: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string>>,
) {
  const bin = join(scratch, crypto.randomUUID());
  mkdirSync(bin);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const child = Bun.spawn(["bash", "-eo", "pipefail", "-c", run], {
    cwd: bin,
    env: { PATH: `${bin}:/usr/bin:/bin`, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = [await new Response(child.stdout).text(), await new Response(child.stderr).text()];
  return { code: await child.exited, out, err, bin };
}

describe("the check of a workflow", () => {
  const echo = { node: `printf '%s\\n' "$@"` };
  const scriptOf = (each: Steps) => runsOf(each).find((run) => run.includes("check_config.ts")) ?? "";
  const nasty = `$(touch made) "; touch made; ' --loud`;

  test.each<readonly [string, Steps, Readonly<Record<string, string>>, boolean]>([
    ["the action, with nothing given", action, { CONFIG: "routes.yaml", STRICT: "false" }, false],
    [
      "the action, with everything given",
      action,
      { CONFIG: nasty, BASE: nasty, COVERAGE: "80", TRACE: nasty, STRICT: "true" },
      true,
    ],
    ["the workflow", workflow("config"), { TRACE: nasty }, true],
  ])("%s: the script is called in its own words", async (_, each, env, isStrict) => {
    const given = {
      BASE: "",
      COVERAGE: "",
      TRACE: "",
      ARTIFACTS: join(scratch, "artifacts"),
      GITHUB_ACTION_PATH: join(root, ".github/actions/check"),
    };
    const { code, out, err, bin } = await runStep(scriptOf(each), { ...given, ...env }, echo);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [starter = "", ...words] = out.trimEnd().split("\n");
    const program = words.findIndex((word) => word.endsWith("scripts/check_config.ts"));
    const args = words.slice(program + 1);
    expect(starter).toEndWith("scripts/with_bun.mjs");
    const bunfig = `--config=${join(root, ".github/actions/check")}/../../../bunfig.toml`;
    expect(words.slice(0, program)).toEqual(each === action ? [bunfig, "--no-env-file"] : []);
    expect(args.includes("--strict")).toBe(isStrict);
    expect(existsSync(join(bin, "made"))).toBe(false);
    // It knows every one of the words, and comes as far as to miss the file.
    const kept = keptShell({ env: {} });
    const config = env["CONFIG"] ?? "routes.yaml";
    const elsewhere = args.map((word) => (word === config ? join(scratch, "none.yaml") : word));
    expect(await checkConfig(elsewhere, kept.shell)).toBe(64);
    expect(kept.err()).toStartWith(`There is no file ${JSON.stringify(join(scratch, "none.yaml"))}.`);
  });
});

describe.skipIf(Bun.which("jq") === null)("the traffic to replay", () => {
  const artifact = (id: number, branch: string, from = 5, expired = false) => ({
    expired,
    workflow_run: { id, head_branch: branch, repository_id: 5, head_repository_id: from },
  });
  test.each([
    ["is the newest of the default branch", [artifact(4, "main"), artifact(3, "main")], "run=4"],
    ["is none where there is none", [], "run="],
    ["is none that expired", [artifact(1, "main", 5, true)], "run="],
    ["is none of another branch", [artifact(1, "change"), artifact(2, "main")], "run=2"],
    ["is none of a fork's branch of that name", [artifact(1, "main", 9)], "run="],
  ])("%s", async (_, artifacts, expected) => {
    const run = runsOf(workflow("config")).find((each) => each.includes("gh api")) ?? "";
    const answer = join(scratch, "artifacts.json");
    const output = join(scratch, "output");
    writeFileSync(answer, JSON.stringify({ artifacts }));
    writeFileSync(output, "");
    const env = { DEFAULT_BRANCH: "main", GITHUB_REPOSITORY: "acme/routes", GITHUB_OUTPUT: output };
    const gh = `[ "$1 $2 $3" = "api repos/acme/routes/actions/artifacts?name=traffic&per_page=100 --jq" ] && exec jq -r "$4" ${answer}`;
    expect(await runStep(run, env, { gh })).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(output, "utf8")).toBe(`${expected}\n`);
  });
});
