import { hasBrowser, startBrowser } from "../test/support/browser.ts";
import { hasGit } from "../test/support/git_server.ts";
import { seeChecks, seeErrors, seeKeys, seeResets, seeRoutes } from "./page/acts.ts";
import { seeMistake, seeProposal } from "./page/editing.ts";
import { open } from "./page/eye.ts";
import { seeCanary, seeOrders, seeRollback } from "./page/generations.ts";
import { seeLoad, seeNoFaults, seeSections } from "./page/looks.ts";
import { takePictures } from "./page/pictures.ts";
import { setScene } from "./page/scene.ts";
import { chapter, say, verdict } from "./page/tell.ts";
import { seeTrends } from "./page/trends.ts";

/**
 * Walks through the admin page in Chromium, before a gateway with days of traffic behind it and more coming in, and says of
 * each thing that it is for whether it holds. Exits with 1 where something does not.
 *
 *   bun test-slow/page.ts [--screenshots DIRECTORY]   takes pictures of every section instead
 */
const at = process.argv.indexOf("--screenshots");
const pictures = at === -1 ? null : (process.argv[at + 1] ?? ".github/screenshots");
if (!hasBrowser || !hasGit) {
  console.error("There has to be a Chromium, and git with its http-backend.");
  process.exit(1);
}

console.log("Setting the scene");
const scene = await setScene(pictures === null ? 125 : 700);
const browser = await startBrowser();
try {
  if (pictures !== null) await takePictures(browser, scene, pictures);
  else await story();
} finally {
  await browser.close();
  await scene.stop();
}
console.log(`${scene.live.asked()} requests meanwhile: ${JSON.stringify(scene.live.ended())}`);
process.exit(pictures !== null || verdict() ? 0 : 1);

async function story(): Promise<void> {
  await chapter("The first load", () => seeLoad(browser, scene));
  const { page, complaints, close } = await open(browser, scene.gateway.url);
  await chapter("Keys", () => seeKeys(page));
  await chapter("Trends", () => seeTrends(page));
  await chapter("Routes", () => seeRoutes(page));
  await seeNoFaults(page, "an explanation");
  await chapter("Errors", () => seeErrors(page));
  await seeNoFaults(page, "an open error");
  await chapter("Resets", () => seeResets(page, scene));
  await chapter("Health checks", () => seeChecks(page));
  await seeNoFaults(page, "a finished check");
  await chapter("Every section", () => seeSections(browser, scene));
  await chapter("A canary", () => seeCanary(page, scene));
  await chapter("A broken edit", () => seeMistake(page));
  let commit = "";
  await chapter("A good edit: plan, replay, proposal", async () => {
    ({ commit } = await seeProposal(page, scene));
  });
  await seeNoFaults(page, "an edit with its plan, replay and proposal");
  await chapter("A merge and a rollback", () => seeRollback(page, scene, commit, complaints));
  await chapter("Pin, suspend, compare", () => seeOrders(page, scene));
  await seeNoFaults(page, "two generations compared");
  say(
    complaints.length === 0,
    "through all of it no request left this machine, and the console was silent",
    complaints,
  );
  await close();
}
