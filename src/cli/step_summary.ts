import { appendFile } from "node:fs/promises";
import type { Shell } from "./shell.ts";

/** Adds Markdown to the summary of the GitHub step that this runs in, where there is one. */
export async function addToSummary(text: string, { environment, err }: Shell): Promise<void> {
  const path = environment["GITHUB_STEP_SUMMARY"] ?? "";
  if (path === "" || text === "") return;
  await appendFile(path, `${text}\n`).catch(() => err.write("GITHUB_STEP_SUMMARY cannot be written.\n"));
}
