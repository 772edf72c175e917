import { refusals } from "../../domain/refusal.ts";

/** Any object of an OpenAPI document. */
export type Fields = Readonly<Record<string, unknown>>;

/** A reference to a schema of the document. */
export const ref = (name: string): Fields => ({ $ref: `#/components/schemas/${name}` });

/** A body of JSON, with an example. */
export const json = (schema: Fields, example: unknown): Fields => ({
  content: { "application/json": { schema, example } },
});

/** An answer with status 200. */
export const ok = (description: string, schema: Fields, example: unknown, headers: Fields = {}): Fields => ({
  200: { description, ...json(schema, example), ...(Object.keys(headers).length === 0 ? {} : { headers }) },
});

/** The errors that an operation may end with, by the codes of our own that it may bear. */
export const failing = (...codes: readonly (keyof typeof refusals)[]): Fields =>
  Object.fromEntries(
    [...new Set(codes.map((code) => refusals[code].status))].map((status) => [
      status,
      { $ref: `#/components/responses/${status}` },
    ]),
  );

/** A parameter of the query. */
export const query = (name: string, description: string, schema: Fields, example?: unknown): Fields => ({
  name,
  in: "query",
  description,
  schema,
  ...(example === undefined ? {} : { example }),
});

/** A part of the path. */
export const part = (name: string, description: string, example: unknown, type = "string"): Fields => ({
  name,
  in: "path",
  required: true,
  description,
  schema: { type },
  example,
});

/** What opens an operation. */
export const byKey = { security: [{ key: [] }, {}] } as const;
export const byAdmin = { security: [{ admin: [] }] } as const;

/** One operation. */
export const operation = (
  tag: "OpenAI" | "Models" | "Health and metrics" | "Admin",
  summary: string,
  description: string,
  more: Fields,
): Fields => ({ tags: [tag], summary, ...(description === "" ? {} : { description }), ...more });
