import type { Page } from "playwright-core";
import { comes, go, panel } from "./eye.ts";
import { say } from "./tell.ts";

const tile = async (page: Page, name: string): Promise<string> =>
  (await page.locator(".tile", { has: page.getByRole("heading", { name, exact: true }) }).textContent()) ??
  "";
const legend = async (page: Page, title: string | RegExp): Promise<string> =>
  (await panel(page, title).locator(".u-legend").textContent()) ?? "";

/** Trends: a stretch is zoomed into with the mouse, left again, compared with the time before, and split by provider. */
export async function seeTrends(page: Page): Promise<void> {
  await go(page, "trends");
  const chart = panel(page, "Requests").locator(".u-over");
  await chart.waitFor();
  const whole = await tile(page, "Requests");
  const box = await chart.boundingBox();
  if (box === null) return say(false, "there is a chart of requests");
  await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 8 });
  await page.mouse.up();
  const isZoomed = await comes(
    async () => page.url().includes("zoom=") && (await tile(page, "Requests")) !== whole,
  );
  say(isZoomed, `dragging zooms: ${whole} becomes ${await tile(page, "Requests")}`, page.url());
  const [from = 0, to = 0] = (/zoom=(\d+)-(\d+)/.exec(page.url()) ?? []).slice(1).map(Number);
  const hours = (to - from) / 3_600;
  say(hours > 5 && hours < 10, `the address has the stretch: ${hours.toFixed(1)} h of 24`);
  await page.getByRole("button", { name: "Zoom out" }).click();
  say(await comes(async () => !page.url().includes("zoom=")), "and out again");

  await page.getByLabel("Compare with the time before").check();
  const isCompared = await comes(async () => (await legend(page, "Requests")).includes("the time before"));
  say(isCompared, "the time before is drawn beside it", await legend(page, "Requests"));
  say(/[+−]\d.*% to before/.test(await tile(page, "Requests")), `and told: ${await tile(page, "Requests")}`);
  await page.getByLabel("Compare with the time before").uncheck();

  await page.getByLabel("Lines by").selectOption("provider");
  const isSplit = await comes(async () => {
    const said = await legend(page, /^Requests/);
    return ["openai", "gemini", "mistral"].every((name) => said.includes(name));
  });
  say(isSplit, "lines by provider name each of them");
  await page.getByLabel("Lines by").selectOption("");
  await page.getByLabel("Model", { exact: true }).fill("embed");
  await page.keyboard.press("Tab");
  say(
    await comes(async () => page.url().includes("model=embed") && (await tile(page, "Requests")) !== whole),
    `a filter narrows it: ${await tile(page, "Requests")}`,
  );
}
