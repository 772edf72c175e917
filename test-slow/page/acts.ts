import type { Page } from "playwright-core";
import { comes, faultsOf, go, order, panel } from "./eye.ts";
import type { Json, Scene } from "./scene.ts";
import { say } from "./tell.ts";

/** Health checks on demand, target after target. */
export async function seeChecks(page: Page): Promise<void> {
  await go(page, "checks");
  await page.getByRole("button", { name: /^Send \d+ requests$/ }).click();
  const result = panel(page, "Result");
  await result.waitFor();
  const seen = new Set<string>();
  const isDone = await comes(async () => {
    seen.add(
      await result.locator("progress").evaluate((bar: HTMLProgressElement) => `${bar.value} of ${bar.max}`),
    );
    return (await page.getByRole("region", { name: "Verdict on each model" }).count()) > 0;
  }, 60_000);
  say(isDone, `a health check ends with a verdict: ${[...seen].join(", ")}`);
  const verdicts = (await page.getByRole("region", { name: "Verdict on each model" }).textContent()) ?? "";
  say(
    /draftdoes not work/.test(verdicts) && /smallworks/.test(verdicts),
    "what fails is told apart from what works",
    verdicts,
  );
}

/** A limit's window and a circuit are reset, with a reason that the audit keeps. */
export async function seeResets(page: Page, { api }: Scene): Promise<void> {
  await go(page, "now");
  const spent = async (): Promise<number> => {
    const { limits } = await api("limits");
    return limits.find((each: Json) => each.name === "web-app" && each.limit === "rpm").used;
  };
  const before = await spent();
  await page.getByRole("button", { name: "Reset the requests per minute of web-app" }).click();
  const said = await order(page, "a test ran wild");
  const after = await spent();
  say(after < before / 2, `a limit's window is reset: ${before} used become ${after} (${said})`);
  const circuit = async (): Promise<string> => {
    const { endpoints } = await api("routes");
    return endpoints.find((each: Json) => each.provider === "qwen")?.circuit;
  };
  say(
    await comes(async () => (await circuit()) === "open", 30_000),
    "the circuit of a provider in trouble is open",
  );
  await page.getByRole("button", { name: "Reset the circuit of qwen/qwen-plus" }).click();
  const answer = await order(page, "they say it is mended");
  const { entries } = await api("audit?limit=20");
  const kept = entries
    .filter((each: Json) => /reset/.test(each.action))
    .map((each: Json) => [each.who, each.reason]);
  say(/circuit|closed/i.test(answer), `a circuit is reset: ${answer}`);
  say(
    JSON.stringify(kept).includes("they say it is mended") &&
      JSON.stringify(kept).includes("a test ran wild"),
    "both are audited with who and why",
    entries.slice(0, 3),
  );
}

/** The latest errors, one of them opened. */
export async function seeErrors(page: Page): Promise<void> {
  await go(page, "errors");
  const row = page
    .locator("table.errors tbody tr", { hasText: "draft" })
    .filter({ hasText: "failed 502" })
    .first();
  say(
    await comes(async () => (await row.count()) > 0, 20_000),
    "a failed request is among the latest errors",
  );
  await row.getByRole("button").first().click();
  const opened = page.locator("tr.unfolded");
  await opened.waitFor();
  const told = (await opened.textContent()) ?? "";
  say(
    /qwen\/qwen-plus/.test(told) && /server/.test(told) && /500/.test(told),
    "it opens to its attempts",
    told,
  );
  say(/req-[0-9a-f-]{36}/.test(told) && /logs grep/.test(told), "and says where there is more");
  const key = page.getByLabel("Key", { exact: true });
  await key.pressSequentially("web-");
  await page.waitForResponse((response) => response.url().includes("/admin/api/errors"));
  await page.waitForResponse((response) => response.url().includes("/admin/api/errors"));
  say((await key.inputValue()) === "web-", "what is half typed stays while newer errors come in");
  await key.fill("");
  say(
    (await page.locator("table.errors", { hasText: "refused 429" }).count()) > 0,
    "refusals are there with their rule",
  );
}

/** The graph of routes, a request explained on it, and the matrix of outages. */
export async function seeRoutes(page: Page): Promise<void> {
  await go(page, "routes");
  const matrix = page.getByRole("region", { name: "Matrix of outages" });
  await matrix.waitFor();
  say(/draft/.test((await matrix.textContent()) ?? ""), "the matrix says who answers in each outage");
  const model = page.locator("button.model", { hasText: "translate" });
  say(
    /1 of 2 targets answer/.test((await model.textContent()) ?? ""),
    "the graph shows live health on a model",
  );
  await model.click();
  const explained = panel(page, "Explain a request");
  say(
    await comes(async () =>
      /qwen.*mistral/s.test(
        (await explained
          .locator(".steps")
          .textContent()
          .catch(() => "")) ?? "",
      ),
    ),
    "a click explains a request, rule by rule",
    await explained.textContent(),
  );
}

/** The keys: to each section, and the list of them. */
export async function seeKeys(page: Page): Promise<void> {
  await page.locator("body").press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.waitFor();
  say(/Configuration/.test((await dialog.textContent()) ?? ""), "? shows the keys");
  const { found } = await faultsOf(page);
  say(found.length === 0, "axe is silent about the dialog", found);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  say(await comes(async () => page.url().endsWith("#errors")), "g e goes to Errors");
}
