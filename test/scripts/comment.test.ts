import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

setDefaultTimeout(20_000);

const scratch = mkdtempSync(join(tmpdir(), "switchyard-comment-"));
const program = join(import.meta.dir, "../../scripts/comment_on_pull_request.mjs");
const marker = "<!-- switchyard: config -->";
const bot = { login: "github-actions[bot]" };

interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  readonly body: string;
}

/** As much of GitHub as this needs, with what it holds. */
const state: { pulls: unknown[]; comments: Comment[]; calls: string[] } = {
  pulls: [],
  comments: [],
  calls: [],
};
const github = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace("/repos/acme/routes", "");
    if (request.headers.get("authorization") !== "Bearer the-token")
      return new Response(null, { status: 401 });
    state.calls.push(`${request.method} ${path}`);
    if (path === "/pulls")
      return Response.json(searchParams.get("head") === "ana:some/change" ? state.pulls : []);
    if (request.method === "GET") {
      const page = Number(searchParams.get("page"));
      return Response.json(state.comments.slice((page - 1) * 100, page * 100));
    }
    const { body } = (await request.json()) as { body: string };
    if (request.method === "POST")
      state.comments.push({ id: 1_000 + state.comments.length, user: bot, body });
    else {
      const id = Number(path.split("/").at(-1));
      state.comments = state.comments.map((each) => (each.id === id ? { ...each, body } : each));
    }
    return Response.json({});
  },
});
afterAll(async () => {
  await github.stop(true);
  rmSync(scratch, { recursive: true, force: true });
});

const sha = "1234567890abcdef1234567890abcdef12345678";
const run = {
  head_sha: sha,
  head_branch: "some/change",
  head_repository: { id: 7, owner: { login: "ana" } },
  conclusion: "failure",
  html_url: "https://github.com/acme/routes/actions/runs/1",
  // Empty for a fork, and asked for by nobody.
  pull_requests: [{ number: 666 }],
};
const pull = (number: number, head: unknown = { sha, repo: { id: 7 } }) => ({ number, head });
const reports = {
  "check.json": {
    steps: [
      { name: "fmt", outcome: "ok", exit_code: 0, says: "in form" },
      { name: "test", outcome: "failed", exit_code: 1, says: "3 passed, 1 failed" },
      { name: "replay", outcome: "skipped", exit_code: 0, says: "there is no trace" },
    ],
  },
  "plan.json": {
    changes: [
      {
        path: "models.chat.targets",
        from: ["a/x"],
        to: ["b/x"],
        class: "ROUTE",
        file: "routes.yaml",
        line: 6,
      },
      {
        path: "aliases.gpt-4",
        from: { to: "chat" },
        to: null,
        class: "BREAKING",
        file: "routes.yaml",
        line: 9,
      },
    ],
  },
  "replay.json": {
    requests: 2_000,
    newly_refused: 50,
    newly_accepted: 0,
    provider_changed: 100,
    attempts: { base: 2_100, head: 2_050 },
    cost: { base: 12, head: 9.5 },
    unknown: 0,
    fidelity: 0.999,
    refusals: [{ rule: "key web rpm (routes.yaml:2:58)", key: "web", requests: 50 }],
    gate: { kind: "failed", why: [] },
  },
};

type Environment = Readonly<Record<string, string>>;
const bare: {
  readonly comment: (env: Environment) => Promise<{ readonly code: number; readonly says: string }>;
} = await import(program);
const reading: { readonly readReports: (folder: string) => unknown } = await import(
  join(import.meta.dir, "../../scripts/comment/reports.mjs")
);

let folders = 0;
/** What the workflow gives it: an artifact with these files, and the event. */
function environmentOf(
  files: Readonly<Record<string, unknown>>,
  event: unknown,
  token = "the-token",
): Environment {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  for (const [name, report] of Object.entries(files))
    writeFileSync(join(folder, name), typeof report === "string" ? report : JSON.stringify(report));
  writeFileSync(join(folder, "event.json"), JSON.stringify({ workflow_run: event }));
  return {
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_API_URL: github.url.href.replace(/\/$/, ""),
    GITHUB_REPOSITORY: "acme/routes",
    GITHUB_TOKEN: token,
    ARTIFACTS: folder,
  };
}

const comment = (files: Readonly<Record<string, unknown>> = reports, event: unknown = run, token?: string) =>
  bare.comment(environmentOf(files, event, token));

beforeEach(() => Object.assign(state, { pulls: [pull(5)], comments: [], calls: [] }));

test("the pull request gets one comment, which later runs edit", async () => {
  expect(await comment()).toEqual({ code: 0, says: "Commented on #5." });
  const [first] = state.comments;
  expect(first?.body).toStartWith(`${marker}\n### ✗ This configuration does not pass`);
  expect(await comment(reports, { ...run, conclusion: "success" })).toMatchObject({
    says: "Edited the comment on #5.",
  });
  expect(state.comments).toHaveLength(1);
  expect(state.comments[0]?.body).toStartWith(`${marker}\n### ✓ Nothing stands against this configuration`);
});

test("it shows the steps, the changes with the worst first, and what yesterday's traffic would have met", async () => {
  await comment();
  const body = state.comments[0]?.body ?? "";
  expect(body).toContain("| ✗ | test | <code>3 passed, 1 failed</code> |");
  expect(body).toContain("| · | replay | skipped: <code>there is no trace</code> |");
  expect(body).toContain("<details open><summary>2 changes: 1 BREAKING, 1 ROUTE</summary>");
  expect(body.indexOf("| BREAKING | <code>aliases&#46;gpt-4</code>")).toBeLessThan(body.indexOf("| ROUTE |"));
  expect(body).toContain("<summary>2,000 requests replayed, gate failed</summary>");
  expect(body).toContain("| newly refused | 50 (2.5 %) |");
  expect(body).toContain("| cost | $12.00 → $9.50 |");
  expect(body).toContain(" of <code>web</code> newly refuses | 50 |");
  expect(body).toEndWith(`<sub><code>12345678</code> · [the whole report](${run.html_url})</sub>`);
});

test("it is found behind hundreds of other comments, and a marker of somebody else is not it", async () => {
  const others = Array.from({ length: 205 }, (_, id) => ({
    id,
    user: { login: "ana" },
    body: `${marker} mine`,
  }));
  state.comments = [...others, { id: 500, user: bot, body: `${marker}\nold` }];
  await comment();
  expect(state.comments).toHaveLength(206);
  expect(state.comments.filter(({ body }) => body.includes("does not pass")).map(({ id }) => id)).toEqual([
    500,
  ]);
});

describe("no comment is written", () => {
  test.each<readonly [string, readonly unknown[], unknown, string]>([
    ["where the branch has no open pull request", [], run, "no open pull request"],
    [
      "where a newer commit was pushed",
      [pull(5, { sha: "f".repeat(40), repo: { id: 7 } })],
      run,
      "a newer commit",
    ],
    [
      "where a branch of that name is in another repository",
      [pull(5, { sha, repo: { id: 8 } })],
      run,
      "no open pull request",
    ],
    [
      "where the repository of the branch is gone",
      [pull(5, { sha, repo: null })],
      run,
      "no open pull request",
    ],
    ["where several pull requests have that commit", [pull(5), pull(6)], run, "several pull requests"],
    ["where the event names no repository", [pull(5)], { ...run, head_repository: null }, "is gone"],
  ])("%s", async (_, pulls, event, why) => {
    state.pulls = [...pulls];
    // Whatever the artifact says.
    const { code, says } = await comment(
      { ...reports, "check.json": { ...reports["check.json"], number: 5, pull_request: 5 } },
      event,
    );
    expect(code).toBe(0);
    expect(says).toContain(why);
    expect(state.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
  });

  test("where GitHub refuses, and that is no success", async () => {
    const { code, says } = await comment(reports, run, "a-wrong-token");
    expect([code, says]).toEqual([
      69,
      expect.stringMatching(/^The comment could not be written: GET \/pulls.* was answered by 401$/),
    ]);
    expect(says).not.toContain("a-wrong-token");
  });
});

describe("an artifact is data that anyone may have made", () => {
  const hostile = [
    "@acme/admins #1 fixes #2 https://evil.test www.evil.test a@evil.test",
    "</code></td></details><img src=x onerror=alert(1)><!-- ",
    "`*_[link](javascript:1)|| | |\n\n# heading\n| a |",
    `${marker} \u202e\u0000\u001b[31m ${"&".repeat(5_000)}`,
    { toString: 1, deep: [[["<b>"]]] },
    12,
    null,
  ];

  test("nothing in it becomes markup, a mention, a link or another heading", async () => {
    const steps = hostile.map((says) => ({ name: "plan", outcome: "ok", says }));
    const changes = hostile.map((text) => ({
      path: text,
      from: text,
      to: text,
      class: "ROUTE",
      file: text,
      line: text,
    }));
    const refusals = hostile.map((text) => ({ rule: text, key: text, requests: text }));
    await comment({
      "check.json": {
        steps: [...steps, { name: "<b>", outcome: "ok", says: "x" }, { name: "fmt", outcome: "__proto__" }],
      },
      "plan.json": { changes: [...changes, { path: "x", class: "<i>" }, null, "text"] },
      "replay.json": {
        ...reports["replay.json"],
        newly_refused: "<u>",
        fidelity: "@a",
        refusals,
        gate: { kind: "<s>" },
      },
    });
    const body = state.comments[0]?.body ?? "";
    const frame = body
      .replaceAll(/<code>[\p{L}\p{N} ,/()+=&#;-]*<\/code>/gu, "TEXT")
      .replace(`[the whole report](${run.html_url})`, "")
      .replace("\n### ", "");
    expect(frame.slice(marker.length)).not.toMatch(
      /[@`*_[\]\\#]|https?:|www|<(?!\/?(details|summary|sub)\b)/,
    );
    expect(body.indexOf(marker, 1)).toBe(-1);
    expect(body.slice(0, 400)).toContain("<code>&#64;acme/admins &#35;1");
  });

  test("it cannot make the comment longer than GitHub takes", async () => {
    const text = "\u{1F600}".repeat(100);
    const changes = Array.from({ length: 2_000 }, () => ({
      path: text,
      from: text,
      to: text,
      class: "BREAKING",
      file: text,
      line: 1,
    }));
    await comment({ ...reports, "plan.json": { changes } });
    const body = state.comments[0]?.body ?? "";
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain("<summary>2,000 changes: ");
    expect(body).toMatch(/… and 1,?\d+ more in the whole report\./);
    expect(body).toEndWith("</sub>");
  });

  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ["is missing", {}],
    ["is no JSON", { "check.json": "{" }],
    ["is no object", { "check.json": "[]", "plan.json": "null", "replay.json": "3" }],
    ["is too large", { "check.json": `{"a":"${"x".repeat(5_000_000)}"}` }],
    [
      "has other shapes",
      { "check.json": { steps: 3 }, "plan.json": { changes: {} }, "replay.json": { requests: "many" } },
    ],
  ])("a report that %s leaves a comment without it", async (_, files) => {
    expect(await comment(files)).toMatchObject({ code: 0 });
    expect(state.comments[0]?.body).toStartWith(`${marker}\n### ✗`);
    expect(state.comments[0]?.body).not.toContain("<details");
  });

  test("a link in it is not followed", async () => {
    const elsewhere = join(scratch, "elsewhere.json");
    writeFileSync(elsewhere, JSON.stringify(reports["check.json"]));
    const folder = join(scratch, String(folders));
    mkdirSync(folder);
    folders++;
    symlinkSync(elsewhere, join(folder, "check.json"));
    expect(reading.readReports(folder)).toEqual({ check: null, plan: null, replay: null });
  });
});

test("it runs on bare Node, as the workflow starts it", async () => {
  const child = Bun.spawn([Bun.which("node") ?? process.execPath, program], {
    env: environmentOf(reports, run),
    stdout: "pipe",
  });
  expect(await new Response(child.stdout).text()).toBe("Commented on #5.\n");
  expect(await child.exited).toBe(0);
});
