import type { Page } from "playwright-core";
import { comes, go, panel } from "./eye.ts";
import type { Scene } from "./scene.ts";
import { say } from "./tell.ts";

/** Finds a text in the editor by its own search, and writes another in its place. */
export async function write(page: Page, found: string, instead: string): Promise<void> {
  await page.locator("#editor .cm-content").click();
  await page.keyboard.press("Control+f");
  const field = page.locator(".cm-search input[name=search]");
  await field.fill("");
  await field.pressSequentially(found);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.insertText(instead);
}

const verdict = async (page: Page): Promise<string> => (await page.locator(".verdict").textContent()) ?? "";

/** A broken edit: its diagnostic stands at the line, in the gutter, in the text and in the list, and is put right by a click. */
export async function seeMistake(page: Page): Promise<void> {
  await go(page, "configuration");
  await page.locator("#editor .cm-content").waitFor();
  await write(page, "team: support", "team: suport");
  const findings = page.getByRole("list", { name: "Errors and warnings" }).getByRole("listitem");
  say(await comes(async () => (await findings.count()) > 0), "a typo is found while it is written");
  const listed = (await findings.first().textContent()) ?? "";
  const line = Number(/routes\.yaml:(\d+):/.exec(listed)?.[1] ?? 0);
  say(
    /unknown_team|suport/.test(listed) && /Did you mean "support"/.test(listed),
    `the list has it: ${listed.slice(0, 120)}`,
    listed,
  );
  const seen = await page.evaluate(() => {
    const marker = document.querySelector(".cm-lint-marker-error")?.closest(".cm-gutterElement");
    const top = marker?.getBoundingClientRect().top ?? -1;
    const numbers = [...document.querySelectorAll(".cm-lineNumbers .cm-gutterElement")];
    const beside = numbers.find((each) => Math.abs(each.getBoundingClientRect().top - top) < 3);
    const marked = document.querySelector(".cm-lintRange-error")?.closest(".cm-line");
    return { number: Number(beside?.textContent ?? 0), text: marked?.textContent ?? "" };
  });
  say(line > 0 && seen.number === line, `the gutter marks line ${seen.number}, which the list names`, {
    line,
    seen,
  });
  say(seen.text.includes("help-desk"), `and the text: ${seen.text.trim().slice(0, 60)}`, seen);
  await page.locator(".cm-lint-marker-error").hover();
  const tip = page.locator(".cm-tooltip-lint, .cm-tooltip .cm-diagnostic").first();
  say(
    await comes(async () => ((await tip.textContent()) ?? "").includes("suport")),
    "hovering says the message",
  );
  await page.mouse.move(5, 5);
  await findings.first().getByRole("button", { name: "Write support" }).click();
  say(
    await comes(async () => (await verdict(page)).includes("no errors")),
    "its suggestion puts it right",
    await verdict(page),
  );
}

/** A good edit: its plan, a replay of the recorded traffic with progress, and a proposal that reaches the remote. */
export async function seeProposal(page: Page, { repository }: Scene): Promise<{ readonly commit: string }> {
  await write(
    page,
    "targets: [openai/gpt-4o-mini, anthropic/claude-sonnet-4-5]",
    "targets: [anthropic/claude-sonnet-4-5, openai/gpt-4o-mini]",
  );
  const plan = panel(page, "What the edit changes");
  const isPlanned = await comes(async () => /models\.chat\.targets/.test((await plan.textContent()) ?? ""));
  const said = (await plan.textContent()) ?? "";
  say(
    isPlanned && /ROUTE/i.test(said) && /anthropic/.test(said),
    "a good edit has a plan, by what it means",
    said,
  );
  // Its tests say that OpenAI answers: the edit has to bring them along.
  say(
    await comes(async () => /1 of 2 tests failed/.test(await verdict(page))),
    "the tests beside it say what it breaks",
  );
  await page.getByRole("tab", { name: /routes\.test\.yaml/ }).click();
  await write(page, "provider: openai", "provider: anthropic");
  say(
    await comes(async () => /2 tests passed/.test(await verdict(page))),
    "put right, they pass",
    await verdict(page),
  );
  await seeReplay(page);
  await panel(page, "Propose").getByLabel("Title").fill("chat: Anthropic first");
  await panel(page, "Propose").getByLabel("Reason").fill("it answers the tickets better");
  const before = repository.git("rev-parse", "main");
  await page.getByRole("button", { name: "Push a branch" }).click();
  const done = panel(page, "Propose").locator(".done");
  await done.or(panel(page, "Propose").getByRole("alert")).waitFor();
  say((await done.count()) > 0, "a proposal is pushed", await panel(page, "Propose").textContent());
  const branches = repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n");
  const branch = branches.find((each) => each.startsWith("switchyard/propose-")) ?? "main";
  const told = repository.git("log", "-1", "--format=%H|%P|%an|%s|%b", branch);
  const [commit = "", parent, author, subject, body = ""] = told.split("|");
  say(parent === before && author === "ADMIN_KEY", `a branch is on the remote: ${branch}`, told);
  say(
    subject === "chat: Anthropic first" && body.includes("it answers the tickets better"),
    `its commit says what and why: ${subject}`,
  );
  const text = repository.git("show", `${branch}:routes.yaml`);
  say(text.includes("[anthropic/claude-sonnet-4-5, openai/gpt-4o-mini]"), "and has the edit");
  say(repository.git("rev-parse", "main") === before, "main is as it was");
  return { commit };
}

async function seeReplay(page: Page): Promise<void> {
  const replay = panel(page, "Replay");
  await replay.getByRole("combobox").selectOption("7d");
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { progressSeen: seen });
    new MutationObserver(() => {
      const bar = document.querySelector<HTMLProgressElement>("progress[aria-label=Replay]");
      if (bar !== null && bar.position >= 0) seen.push(bar.position);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await replay.getByRole("button", { name: "Replay" }).click();
  const isDone = await comes(
    async () => /end as they were recorded/.test((await replay.textContent()) ?? ""),
    60_000,
  );
  const report = (await replay.textContent()) ?? "";
  const seen = await page.evaluate(() => Reflect.get(window, "progressSeen") as readonly number[]);
  say(isDone && /answered elsewhere/i.test(report), "a replay of 7 days ends with a report", report);
  say(new Set(seen).size > 1, `its progress was shown, at ${new Set(seen).size} places`, seen);
}
