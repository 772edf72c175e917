import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { sections } from "../../src/admin/sections.ts";
import { type Watched, watch } from "../../test/support/browser.ts";
import { adminKey } from "./scene.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** A page that is signed in. What would leave this machine is cut off, besides being a complaint. */
export async function open(
  browser: Browser,
  url: string,
  options: Parameters<typeof watch>[1] = {},
): Promise<Watched> {
  const watched = await watch(browser, options);
  const { page } = watched;
  await page.context().route(
    ({ hostname, protocol }) => protocol.startsWith("http") && hostname !== "127.0.0.1",
    (route) => route.abort(),
  );
  await page.goto(`${url}/admin`);
  await page.getByLabel("Admin key").fill(adminKey);
  await page.keyboard.press("Enter");
  await page.locator("main section.panel").first().waitFor();
  return watched;
}

/** Goes to a section, and waits until it has something to show. */
export async function go(page: Page, id: string): Promise<void> {
  const title = sections.find((section) => section.id === id.split("?")[0])?.title ?? id;
  await page.evaluate((to) => {
    location.hash = to;
  }, id);
  await page.locator(`main[aria-label="${title}"] section.panel`).first().waitFor();
}

/** Each chart that is seen: its label, and at how many places of its width something coloured is drawn, of 1. */
export const chartsIn = (
  page: Page,
): Promise<readonly { readonly label: string; readonly drawn: number }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll(".chart")].map((chart) => {
      const canvas = chart.querySelector("canvas");
      const label = chart.getAttribute("aria-label") ?? "";
      if (canvas === null || canvas.width === 0) return { label, drawn: 0 };
      const { width, height } = canvas;
      // A copy: Chromium complains of canvases that are read again and again.
      const context = new OffscreenCanvas(width, height).getContext("2d");
      if (context === null) return { label, drawn: 0 };
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const columns = new Set<number>();
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
        // Axes and their words are grey, or nearly.
        const isInk = alpha > 80 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60;
        if (isInk) columns.add((at / 4) % width);
      }
      return { label, drawn: columns.size / width };
    }),
  );

/** What axe holds to be serious, and by how many pixels the page is wider than its window. */
export async function faultsOf(
  page: Page,
): Promise<{ readonly found: readonly string[]; readonly wider: number }> {
  // By the debugger, which the policy of the page does not bind.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    type Found = { id: string; impact: string; nodes: { html: string }[] };
    // @ts-expect-error: axe was put there before
    const { violations }: { violations: Found[] } = await window.axe.run(document);
    const { scrollWidth, clientWidth } = document.documentElement;
    return {
      found: violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map((each) => `${each.id}: ${each.nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`),
      wider: scrollWidth - clientWidth,
    };
  });
}

/** A panel by its title. */
export const panel = (page: Page, title: string | RegExp): Locator =>
  page.getByRole("region", { name: title }).first();

/** Gives an order in the dialog that is open: what is chosen, and why. What the gateway says of it. */
export async function order(page: Page, reason: string, choices: Readonly<Record<string, string>> = {}) {
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  for (const [label, option] of Object.entries(choices))
    await dialog.getByLabel(label).selectOption({ label: option });
  await dialog.getByLabel("Reason").fill(reason);
  await page.keyboard.press("Enter");
  const answer = dialog.locator(".answer, .problem");
  await answer.waitFor();
  const said = (await answer.textContent()) ?? "";
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  return said;
}

/** Resolves with whether it came to hold in time. */
export async function comes(holds: () => Promise<boolean>, withinMs = 10_000): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > end) return false;
    await Bun.sleep(100);
  }
}
