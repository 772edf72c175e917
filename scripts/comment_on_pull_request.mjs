/**
 * Puts what the workflow `config` found under its pull request: one comment, edited in place. Runs on bare Node, with a token that
 * may write there, in a workflow of the default branch.
 *
 * Which pull request it is comes from the event, and is looked up by the branch and the commit that GitHub says was checked. The
 * artifact has no say in it: anyone who can open a pull request can make one. It is read as data, see `comment/body.mjs`.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { bodyOf, marker } from "./comment/body.mjs";
import { readReports } from "./comment/reports.mjs";

/** Exit code for something out of reach, as in the gateway's own table. */
const unreachable = 69;
const deadlineMs = 30_000;
const mostPages = 20;
const perPage = 100;
/** Whose comments these are; a marker in anyone else's is somebody's joke. */
const author = "github-actions[bot]";

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { code, says } = await comment(process.env);
  console.log(says);
  process.exitCode = code;
}

/** Writes or edits the comment; the exit code, and what became of it. */
export async function comment(env) {
  try {
    const { workflow_run: run } = JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, "utf8"));
    const github = apiOf(env);
    const { number, why } = await pullRequestOf(run, github);
    if (number === null) return { code: 0, says: `No comment: ${why}.` };
    const body = bodyOf(run, readReports(env.ARTIFACTS));
    return { code: 0, says: await post(number, body, github) };
  } catch (error) {
    return { code: unreachable, says: `The comment could not be written: ${error.message}` };
  }
}

/** GitHub's REST API, below the repository that this runs for. */
function apiOf({ GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN }) {
  return async (method, path, body) => {
    const response = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${GITHUB_TOKEN}`,
        "x-github-api-version": "2022-11-28",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered by ${response.status}`);
    return response.json();
  };
}

/**
 * The one open pull request whose head is the commit that was checked. The event itself names none where it comes from a fork
 * (https://github.com/github/docs/issues/22501), so GitHub is asked.
 */
async function pullRequestOf({ head_sha, head_branch, head_repository }, github) {
  const none = (why) => ({ number: null, why });
  if (head_repository === null) return none("the repository that it came from is gone");
  const head = encodeURIComponent(`${head_repository.owner.login}:${head_branch}`);
  const open = await github("GET", `/pulls?state=open&per_page=${perPage}&head=${head}`);
  const ofBranch = open.filter((each) => each.head.repo?.id === head_repository.id);
  const current = ofBranch.filter((each) => each.head.sha === head_sha);
  if (ofBranch.length === 0) return none("no open pull request comes from that branch");
  if (current.length === 0) return none("there is a newer commit, which has a run of its own");
  if (current.length > 1)
    return none("several pull requests have that commit, and the run was of one of them");
  return { number: current[0].number };
}

async function post(number, body, github) {
  const mine = await commentOn(number, github);
  if (mine === null) {
    await github("POST", `/issues/${number}/comments`, { body });
    return `Commented on #${number}.`;
  }
  await github("PATCH", `/issues/comments/${mine.id}`, { body });
  return `Edited the comment on #${number}.`;
}

async function commentOn(number, github) {
  for (let page = 1; page <= mostPages; page++) {
    const comments = await github("GET", `/issues/${number}/comments?per_page=${perPage}&page=${page}`);
    const mine = comments.find(({ user, body }) => user?.login === author && body?.startsWith(marker));
    if (mine !== undefined) return mine;
    if (comments.length < perPage) return null;
  }
  return null;
}
