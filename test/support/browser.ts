import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium; tests that need one skip where there is none. */
export const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((file) => existsSync(file));
export const hasBrowser = executable !== undefined;

/** A Chromium that asks nothing of the network by itself. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable ?? "",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A page and everything about it that nobody wants to see. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests that left this machine. */
  readonly complaints: string[];
  /** Bytes on the wire by path. */
  readonly received: Map<string, number>;
  readonly close: () => Promise<void>;
}

/** Opens a page in a context of its own and listens to it. */
export async function watch(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const received = new Map<string, number>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isHere = url.hostname === "127.0.0.1" || url.protocol === "data:" || url.protocol === "blob:";
    if (!isHere) complaints.push(`asks ${url.host} for ${url.pathname}`);
  });
  page.on("requestfinished", async (request) => {
    const sizes = await request.sizes().catch(() => null);
    if (sizes !== null)
      received.set(new URL(request.url()).pathname, sizes.responseBodySize + sizes.responseHeadersSize);
  });
  return { page, complaints, received, close: () => context.close() };
}
