import type { Page } from "playwright-core";
import { comes, go, order, panel } from "./eye.ts";
import type { Json, Scene } from "./scene.ts";
import { say } from "./tell.ts";

/** The canary with the figures of both arms; it is promoted by hand. */
export async function seeCanary(page: Page, { api, gateway }: Scene): Promise<void> {
  await go(page, "generations");
  const trial = panel(page, /^Canary/);
  await trial.waitFor();
  const served = await comes(async () => {
    const { canary } = await api("status");
    return canary?.arms.canary.requests > 0 && canary.arms.stable.requests > 0;
  }, 20_000);
  const said = (await trial.textContent()) ?? "";
  say(
    served && /Stable/.test(said) && /Error rate/.test(said),
    "the canary shows the figures of both arms",
    said,
  );
  await promote(page, await status(api), api, gateway.url);
}

async function promote(page: Page, { canary }: Json, api: Scene["api"], url: string): Promise<void> {
  await panel(page, /^Canary/)
    .getByRole("button", { name: "Promote" })
    .click();
  say(/is active/.test(await order(page, "the figures are good")), "it is promoted by hand");
  const { active } = await status(api);
  say(active.generation === canary.generation, `and generation ${active.generation} serves`, active);
  say(await comes(async () => (await serves(url)) === canary.generation), "requests say that it serves them");
}

const status = (api: Scene["api"]): Promise<Json> => api("status");

/** What was proposed is merged, tried and promoted; then it is taken back. */
export async function seeRollback(
  page: Page,
  { repository, api, gateway }: Scene,
  commit: string,
  complaints: string[],
): Promise<void> {
  await go(page, "generations");
  repository.git("update-ref", "refs/heads/main", commit);
  await page.getByRole("button", { name: "Look now" }).click();
  const said = await order(page, "the proposal is merged");
  say(/canary|trial/i.test(said), `merged and looked at, the proposal is on trial: ${said}`);
  const tried = await status(api);
  const before = tried.active;
  await promote(page, tried, api, gateway.url);
  say((await status(api)).active.git_sha === commit, "it is the commit that was proposed");

  const reason = "answers in French all of a sudden";
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  say(/serves again/.test(await order(page, reason)), "a rollback is said to be done");
  const after = await status(api);
  say(
    after.active.generation === before.generation,
    `generation ${before.generation} serves again`,
    after.active,
  );
  say(await comes(async () => (await serves(gateway.url)) === before.generation), "requests say so too");
  say(
    after.quarantined.some((each: Json) => each.generation === tried.canary.generation),
    "the source's commit is quarantined",
  );
  await page.getByRole("button", { name: "Look now" }).click();
  say(/quarantined/.test(await order(page, "does it come back?")), "a look says that it is quarantined");
  // Of an order that is refused, Chromium itself writes this.
  const refused = complaints.findIndex((each) => each.includes("409 (Conflict)"));
  if (refused !== -1) complaints.splice(refused, 1);
  say((await status(api)).active.generation === before.generation, "and does not come back by itself");
  const differs = panel(page, /^Where what serves differs/);
  say(
    await comes(async () => ((await differs.textContent()) ?? "").includes(reason)),
    "the page says that what serves differs, and why",
  );
  const audit = panel(page, "Who did what");
  say(
    await comes(async () => {
      const said = (await audit.textContent()) ?? "";
      return said.includes(reason) && said.includes("ADMIN_KEY") && said.includes("rollback");
    }, 15_000),
    "the audit has who, what and why",
    await audit.textContent(),
  );
}

/** The generation that answers now. */
const serves = async (url: string): Promise<number> => {
  const { headers } = await fetch(`${url}/health`);
  return Number((headers.get("x-gateway-config") ?? "").split("-")[0]);
};

/** What keeps the source out: a pin and a suspension; and the difference of two generations. */
export async function seeOrders(page: Page, { api }: Scene): Promise<void> {
  const bar = panel(page, "How things stand");
  const press = (name: string) => bar.getByRole("button", { name, exact: true }).click();
  await press("Pin");
  say(/is pinned/.test(await order(page, "over the weekend")), "a generation is pinned");
  say((await status(api)).pinned?.reason === "over the weekend", "the gateway knows why");
  await press("Unpin");
  say(/pin is gone/.test(await order(page, "Monday")) && (await status(api)).pinned === null, "and unpinned");
  await press("Suspend");
  say(
    /until/.test(await order(page, "an outage of the forge", { For: "2 hours" })),
    "the source is suspended for 2 hours",
  );
  const { suspended } = await status(api);
  const hours = (Date.parse(suspended?.until ?? "") - Date.now()) / 3_600_000;
  say(hours > 1.9 && hours <= 2, "until then");
  await press("Resume");
  say(
    /looked at again/.test(await order(page, "it is over")) && (await status(api)).suspended === null,
    "and resumed",
  );
  for (const number of [2, 5]) await page.getByLabel(`Compare generation ${number}`, { exact: true }).check();
  const compared = page.locator("section.panel", { hasText: /max_tokens/ }).last();
  await compared.waitFor();
  say(/800/.test((await compared.textContent()) ?? ""), "two generations are compared by what they mean");
}
