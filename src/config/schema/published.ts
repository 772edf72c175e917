import { included, routes } from "./routes.ts";

/** The JSON Schema of routes.yaml (draft-07, which editors know best), without the marks that only our reader needs. */
export function publishedSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Switchyard routes.yaml, version 1",
    ...(withoutMarks(JSON.parse(JSON.stringify(routes))) as Readonly<Record<string, unknown>>),
  };
}

/** The part of it that an included file may use. */
export const includedSchema = (): Readonly<Record<string, unknown>> =>
  withoutMarks(JSON.parse(JSON.stringify(included))) as Readonly<Record<string, unknown>>;

/** As it stands in the repository. */
export const publishedText = (): string => `${JSON.stringify(publishedSchema(), null, 2)}\n`;

function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  const plain = Object.fromEntries(kept.map(([key, held]) => [key, withoutMarks(held)]));
  // With it a validator looks at the one member that is meant, so that one mistake is one error.
  return "x-tag" in value ? { ...plain, discriminator: { propertyName: value["x-tag"] } } : plain;
}
