import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseDuration } from "../core/units.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { settingOf } from "../settings.ts";
import { recordingIn } from "../simulate/replay/database.ts";
import { traceLines } from "../simulate/replay/trace.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { processShell, type Shell } from "./shell.ts";

const form: Form = {
  name: "trace export",
  operands: "",
  most: 0,
  says: "Writes recorded traffic as JSON lines, for `replay --trace`: no prompts, no addresses, keys by pseudonyms.",
  flags: {},
  options: {
    db: ["FILE", "the gateway's switchyard.sqlite; default the one in DATA_DIR"],
    since: ["TIME", "how much of the newest traffic; default 24h"],
  },
};

/** `trace export`: anonymised traffic on standard output. */
export async function trace(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const [verb, ...rest] = args;
  if (verb !== "export") return misused(form, shell, "trace knows one verb: export.");
  const words = await readWords(form, rest, shell);
  if (!words.ok) return words.error;
  const file = databaseOf(words.value.value("db"), shell);
  const since = parseDuration(words.value.value("since") ?? "24h");
  if (!since.ok) return misused(form, shell, `--since has to be ${since.error}.`);
  if (!existsSync(file)) {
    await shell.err.write(`There is no file ${JSON.stringify(file)}.\n`);
    return exit.usage;
  }
  const sqlite = openSqlite(file, { readonly: true, busyMs: 5_000 });
  const recording = recordingIn(sqlite);
  for await (const lines of traceLines(recording, (recording.newest ?? 0) - since.value))
    await shell.out.write(lines);
  sqlite.close();
  return exit.ok;
}

/** The database that was named, else the one that the gateway here writes. */
export const databaseOf = (named: string | undefined, { environment }: Shell): string =>
  named ?? join(settingOf("DATA_DIR", undefined, environment), "switchyard.sqlite");
