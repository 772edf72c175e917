import { isRecord } from "../../../../src/core/record.ts";

/** Fields whose values are data and not part of the protocol: names inside them are left alone. */
const data = new Set([
  "args",
  "response",
  "parametersJsonSchema",
  "responseJsonSchema",
  "default",
  "example",
]);

/** Fields that map names of the caller's own. */
const maps = new Set(["properties", "labels"]);

/** Proto's JSON takes `snake_case` for every `camelCase` name; everything is read as the latter. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([said, inner]) => {
      const name = said.replace(/(?<=[a-z\d])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (data.has(name)) return [name, inner];
      if (!maps.has(name) || !isRecord(inner)) return [name, camelCased(inner)];
      return [name, Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, camelCased(each)]))];
    }),
  );
}

/** A path as Google's errors have it: `contents[0].parts[1]`. */
export const protoPath = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
