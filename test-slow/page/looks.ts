import type { Browser, Page } from "playwright-core";
import { sections } from "../../src/admin/sections.ts";
import { watch } from "../../test/support/browser.ts";
import { chartsIn, comes, faultsOf, go, open } from "./eye.ts";
import { adminKey, type Scene } from "./scene.ts";
import { say } from "./tell.ts";

/** Light, dark, and on a phone. */
export const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 375, height: 800 } },
} as const;

/** Every section in every look: it loads, its charts are drawn, and neither axe nor the console has anything to say. */
export async function seeSections(browser: Browser, { gateway }: Scene): Promise<void> {
  for (const [look, options] of Object.entries(looks)) {
    const { page, complaints, close } = await open(browser, gateway.url, options);
    for (const { id, title } of sections) {
      await go(page, id);
      const { count, ink } = charted[id] ?? { count: 0, ink: 0 };
      const isDrawn = await comes(async () => {
        const charts = await chartsIn(page);
        return charts.length === count && charts.every(({ drawn }) => drawn > ink);
      });
      const charts = await chartsIn(page);
      const { found, wider } = await faultsOf(page);
      const holds = isDrawn && found.length === 0 && wider === 0 && complaints.length === 0;
      const drew = charts.length === 0 ? "" : `, ${charts.length} charts drawn`;
      say(holds, `${title}, ${look}: loads${drew}, axe and the console are silent`, {
        ...{ isDrawn, charts, found, wider, complaints },
      });
      complaints.length = 0;
    }
    await close();
  }
}

/** The page as it stands, with whatever was opened on it. */
export async function seeNoFaults(page: Page, what: string): Promise<void> {
  const { found, wider } = await faultsOf(page);
  say(found.length === 0 && wider === 0, `axe is silent about ${what}`, { found, wider });
}

/** How many charts each section has, and over how much of its width each draws at least; a young canary has but a dot. */
const charted: Readonly<Record<string, { readonly count: number; readonly ink: number }>> = {
  now: { count: 5, ink: 0.5 },
  trends: { count: 6, ink: 0.3 },
  generations: { count: 4, ink: 0.003 },
};

/** What the first load weighs, and how long it takes until somebody can do something. */
export async function seeLoad(browser: Browser, { gateway }: Scene): Promise<void> {
  const { page, received, complaints, close } = await watch(browser);
  await page.goto(`${gateway.url}/admin`);
  const field = page.getByLabel("Admin key");
  await field.waitFor();
  const toLogin = await page.evaluate(() => performance.now());
  await field.fill(adminKey);
  const enteredAt = performance.now();
  await page.keyboard.press("Enter");
  await page.locator("main .tile strong").first().waitFor();
  const toFigures = performance.now() - enteredAt;
  await page.waitForLoadState("networkidle").catch(() => {});
  const own = [...received].filter(([path]) => path.startsWith("/admin") && !path.startsWith("/admin/api"));
  const bytes = own.reduce((sum, [, size]) => sum + size, 0);
  say(
    bytes > 20_000 && bytes < 300_000,
    `the first load is ${(bytes / 1_000).toFixed(1)} kB in ${own.length} files`,
    own,
  );
  say(complaints.length === 0, "the console is silent about it", complaints);
  console.log(
    `  interactive (the login can be typed into) after ${toLogin.toFixed(0)} ms, figures ${toFigures.toFixed(0)} ms after the key`,
  );
  await close();
}
