import { format } from "../format/format.ts";
import { routes } from "../schema/routes.ts";
import type { Json, JsonObject } from "./draft.ts";

/** A new file as text, in canonical form. JSON is YAML, so that only the outer levels need lines of their own. */
export function write(file: JsonObject, from: string): string {
  const { version, ...sections } = file;
  const text = [
    "# yaml-language-server: $schema=./schemas/routes.schema.json",
    `# Imported from ${from} by switchyard import.`,
    `version: ${JSON.stringify(version)}`,
    ...Object.entries(sections).flatMap(([name, section]) => [
      "",
      ...lines(name, section, "", name === "auth" ? 1 : depth(name)),
    ]),
    "",
  ].join("\n");
  const formatted = format("routes.yaml", new TextEncoder().encode(text), routes);
  if (!formatted.ok)
    throw new Error(`the imported file cannot be put into form: ${formatted.error[0]?.message}`);
  return formatted.value;
}

/** How many levels of a section stand on lines of their own. */
const depth = (section: string): number =>
  section === "providers" || section === "models" || section === "failover" ? 1 : 0;

function lines(key: string, value: Json, indent: string, levels: number): readonly string[] {
  const lead = `${indent}${JSON.stringify(key)}:`;
  if (levels === 0 || typeof value !== "object" || value === null)
    return [`${lead} ${JSON.stringify(value)}`];
  if (isList(value)) return [lead, ...value.map((each) => `${indent}  - ${JSON.stringify(each)}`)];
  return [
    lead,
    ...Object.entries(value).flatMap(([name, held]) =>
      lines(name, held, `${indent}  `, isListOf(held) ? 1 : levels - 1),
    ),
  ];
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isListOf = (value: Json): boolean => isList(value) && value.some((each) => typeof each === "object");
