import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { sections } from "../../src/admin/sections.ts";
import { hasBrowser, startBrowser, type Watched, watch } from "../support/browser.ts";
import { type Running, startGateway } from "../support/gateway.ts";
import { isThorough } from "../support/thorough.ts";

const key = "the-key-of-the-boss";
/** A machine that does much else takes its time. */
const longMs = 60_000;
const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let gateway: Running;
let browser: Browser;

/** Runs in the page: what axe holds to be serious, and by how much the page is wider than its window. */
async function serious() {
  type Found = { id: string; impact: string; nodes: { html: string }[] };
  // @ts-expect-error: axe was put there before
  const { violations }: { violations: Found[] } = await window.axe.run(document);
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    violations: violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map((each) => `${each.id}: ${each.nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`),
    overflow: scrollWidth - clientWidth,
  };
}

describe.skipIf(!hasBrowser)("the admin page in Chromium (skipped where there is none)", () => {
  beforeAll(async () => {
    gateway = await startGateway(
      `
providers:
  openai: { kind: simulated, limits: { rpm: 100 }, models: { "*": { price: { input: 1, output: 2 } } } }
  spare: { kind: simulated }
  dead: { kind: simulated, fail: [{ kind: server, rate: 100% }] }
models:
  chat: { targets: [openai/gpt-4o, spare/gpt-4o], fallbacks: { any: [small] } }
  small: { targets: [spare/mini] }
  broken: { targets: [dead/x] }
`,
      { env: { ADMIN_KEY: key } },
    );
    for (const model of ["chat", "small", "broken", "chat", "nothing"]) {
      await gateway.post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] });
    }
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  async function signedIn(hash: string, options: Parameters<typeof watch>[1] = {}): Promise<Watched> {
    const watched = await watch(browser, options);
    await watched.page.goto(`${gateway.url}/admin#${hash}`);
    await watched.page.getByLabel("Admin key").fill(key);
    await watched.page.keyboard.press("Enter");
    await watched.page.getByRole("navigation", { name: "Sections" }).waitFor();
    await watched.page.locator("main section.panel").first().waitFor();
    return watched;
  }

  test(
    "shows a login that names nothing, and says what is wrong with a key",
    async () => {
      const { page, close } = await watch(browser);
      await page.goto(`${gateway.url}/admin`);
      expect(await page.locator("body").textContent()).not.toMatch(/chat|openai|spare/);
      await page.getByLabel("Admin key").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      expect(await page.getByRole("alert").textContent()).toMatch(/key/i);
      await close();
    },
    longMs,
  );

  const looks = [
    // The other two are in both schemes and of both widths.
    ...(isThorough ? ([{ name: "light", options: { colorScheme: "light" } }] as const) : []),
    { name: "dark", options: { colorScheme: "dark" } },
    { name: "on a phone", options: { colorScheme: "light", viewport: { width: 375, height: 800 } } },
  ] as const;
  test.each(looks)(
    "has nothing to complain of, in any section, $name",
    async ({ options }) => {
      const { page, complaints, close } = await signedIn("now", options);
      // By the debugger, which the policy of the page does not bind.
      await page.evaluate(axe);
      for (const { id, title } of sections) {
        await page.evaluate((to) => {
          location.hash = to;
        }, id);
        await page.locator(`main[aria-label="${title}"] section.panel`).first().waitFor();
        await page.waitForLoadState("networkidle");
        const found = await page.evaluate(serious);
        expect({ title, ...found, complaints }).toEqual({
          title,
          violations: [],
          overflow: 0,
          complaints: [],
        });
      }
      await close();
    },
    longMs,
  );

  test(
    "every section is reached by its keys, and by its link",
    async () => {
      const { page, close } = await signedIn("now");
      for (const { id, title, key: letter } of sections.toReversed()) {
        await page.keyboard.press("g");
        await page.keyboard.press(letter);
        await page.locator(`nav a[href="#${id}"][aria-current="page"]`).waitFor();
        await page.locator(`main[aria-label="${title}"] section.panel`).first().waitFor();
      }
      await close();
    },
    longMs,
  );

  test(
    "the first load is less than 300 kB",
    async () => {
      const { page, received, close } = await signedIn("now");
      await page.waitForLoadState("networkidle");
      const own = [...received].filter(([path]) => path.startsWith("/admin"));
      expect(own.length).toBeGreaterThan(3);
      expect(own.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThan(300_000);
      await close();
    },
    longMs,
  );

  test(
    "signing out forgets the key",
    async () => {
      const { page, close } = await signedIn("now");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Admin key").waitFor();
      await page.reload();
      await page.getByLabel("Admin key").waitFor();
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
      await close();
    },
    longMs,
  );
});
