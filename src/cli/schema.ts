import { publishedSchema, testsSchema } from "../config/schema/published.ts";
import { exit } from "./exit.ts";
import { type Form, readWords } from "./form.ts";
import { processShell, type Shell } from "./shell.ts";

const form: Form = {
  name: "schema",
  operands: "",
  most: 0,
  says: "Prints the JSON Schema (draft-07) of routes.yaml, for editors and other tools.",
  flags: { tests: "that of routes.test.yaml" },
  options: {},
};

/** `schema`: what a file may hold, for programs. */
export async function schema(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const printed = words.value.has("tests") ? testsSchema() : publishedSchema();
  await shell.out.write(`${JSON.stringify(printed, null, 2)}\n`);
  return exit.ok;
}
