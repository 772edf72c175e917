import { type FormatName, type Imported, importFile } from "../../../src/config/import/import.ts";

/** Imports a text that must come over, at least in part. */
export function imported(text: string, from: FormatName | null = null): Imported {
  const result = importFile({ name: "old.yaml", text }, from, "0.1.0");
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The new file without its first lines, which are the same for all. */
export const bodyOf = ({ routes }: Imported): string => routes.split("version: 1\n")[1]?.trimStart() ?? "";

/** `line verdict path`, for each finding that is not exact. */
export const losses = ({ findings }: Imported): readonly string[] =>
  findings
    .filter(({ verdict }) => verdict !== "exact")
    .map(({ line, verdict, path }) => `${line} ${verdict} ${path}`);
