import { included, routes } from "./routes.ts";
import { tests } from "./tests.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema of routes.yaml (draft-07, which editors know best), without the marks that only our reader needs. */
export const publishedSchema = (): Schema => published("Switchyard routes.yaml, version 1", routes);

/** The part of it that an included file may use. */
export const includedSchema = (): Schema => withoutMarks(JSON.parse(JSON.stringify(included))) as Schema;

/** The JSON Schema of routes.test.yaml. */
export const testsSchema = (): Schema => published("Switchyard routes.test.yaml, version 1", tests);

/** What stands in the repository's `schemas`, by file name. */
export const publishedFiles: Readonly<Record<string, () => string>> = {
  "routes.schema.json": () => textOf(publishedSchema()),
  "routes.test.schema.json": () => textOf(testsSchema()),
};

const published = (title: string, schema: unknown): Schema => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  title,
  ...(withoutMarks(JSON.parse(JSON.stringify(schema))) as Schema),
});

const textOf = (schema: Schema): string => `${JSON.stringify(schema, null, 2)}\n`;

function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  const plain = Object.fromEntries(kept.map(([key, held]) => [key, withoutMarks(held)]));
  // With it a validator looks at the one member that is meant, so that one mistake is one error.
  return "x-tag" in value ? { ...plain, discriminator: { propertyName: value["x-tag"] } } : plain;
}
