import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { sections } from "../../src/admin/sections.ts";
import { write } from "./editing.ts";
import { chartsIn, comes, go, open } from "./eye.ts";
import { withPalette } from "./png.ts";
import type { Scene } from "./scene.ts";

/** How wide, in which colours, and how much of a long page at most. */
const looks = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
} as const;
const mostPx = { light: 1_500, dark: 1_500, phone: 1_400 } as const;

/** Takes a small picture of every section in every look. */
export async function takePictures(browser: Browser, { gateway }: Scene, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  console.log("Waiting for two minutes of traffic");
  await Bun.sleep(120_000);
  let total = 0;
  for (const [look, options] of Object.entries(looks) as [keyof typeof looks, (typeof looks)["light"]][]) {
    const { page, close } = await open(browser, gateway.url, options);
    for (const { id } of sections) {
      await go(page, id === "trends" ? "trends?span=24h&compare=1" : id);
      await prepare[id]?.(page).catch((error: unknown) => console.log(`  ${id}: ${error}`));
      await comes(async () => (await chartsIn(page)).every(({ drawn }) => drawn > 0.02), 4_000);
      await Bun.sleep(400);
      await page.evaluate(() => scrollTo(0, 0));
      const bytes = withPalette(await shoot(page, mostPx[look]));
      writeFileSync(join(directory, `${id}-${look}.png`), bytes);
      total += bytes.length;
      console.log(`  ${id}-${look}.png ${(bytes.length / 1_000).toFixed(0)} kB`);
    }
    await close();
  }
  console.log(`${(total / 1_000).toFixed(0)} kB of pictures`);
}

/** The whole page, as far as it may be: in a window that tall, because the editor draws only what is seen. */
async function shoot(page: Page, most: number): Promise<Uint8Array> {
  const { width, height } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
  }));
  const window = page.viewportSize() ?? { width, height };
  await page.setViewportSize({ width: window.width, height: Math.min(height, most) });
  await Bun.sleep(300);
  const taken = await page.screenshot();
  await page.setViewportSize(window);
  return taken;
}

/** What is done first in some sections, so that there is something to see. */
const prepare: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  configuration: async (page) => {
    await page.locator("#editor .cm-content").waitFor();
    await write(page, "usd: 2,", "usd: 5,");
    await write(page, "targets: [qwen/qwen-plus]", "targets: [mistral/mistral-small-latest]");
    await page.getByText("models.draft.targets").first().waitFor();
    await page.locator("#editor .cm-scroller").evaluate((scroller) => scroller.scrollTo(0, 0));
  },
  errors: async (page) => {
    const row = page.locator("table.errors tbody tr", { hasText: "failed 502" }).first();
    await row.getByRole("button").first().click();
  },
  checks: async (page) => {
    await page.getByRole("button", { name: /^Send \d+ requests$/ }).click();
    await page.getByRole("region", { name: "Verdict on each model" }).waitFor();
  },
};
