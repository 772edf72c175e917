import { stat } from "node:fs/promises";
import { printPretty } from "../config/print.ts";
import { didYouMean, suggest } from "../config/suggest.ts";
import { err, type Result } from "../core/result.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { type Local, type Origin, openLocal } from "../local.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import type { Words } from "./form.ts";
import type { Shell } from "./shell.ts";

/** Opens the routing file that a command was pointed to. Where it cannot, the reason was told, and the exit code remains. */
export async function openConfig(
  words: Words,
  shell: Shell,
  how: Pick<Origin, "unset" | "onEnd">,
): Promise<Result<Local, number>> {
  const { environment } = shell;
  const config = settingOf("CONFIG", words.value("config"), environment);
  const secretsDir = settingOf("SECRETS_DIR", words.value("secrets-dir"), environment);
  const isFile = await stat(config).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    await shell.err.write(`There is no file ${JSON.stringify(config)}.\n`);
    return err(exit.usage);
  }
  const opened = await openLocal({ config, secretsDir, environment, ...how });
  if (opened.ok) return opened;
  await shell.err.write(`${printPretty(opened.error)}\n`);
  return err(exit.failed);
}

/** That the file has no such name, and what may have been meant. */
export function noSuchModel({ models, aliases }: Snapshot, name: string): string {
  const meant = didYouMean(suggest(name, [...models.keys(), ...aliases.keys()]));
  return `The file has no model ${JSON.stringify(name)}.${meant}`;
}

/** The models that clients are shown; patterns stand for no model of their own. */
export const visibleModels = ({ models }: Snapshot): readonly string[] =>
  [...models.values()].filter(({ enabled, visible }) => enabled && visible).map(({ name }) => name);
