import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { isRecord } from "../../../src/core/record.ts";
import { asked } from "./encode.ts";

setDefaultTimeout(20_000);

const older = "gemini-2.0-flash";
const text = { type: "string" };
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

/** What becomes of a schema as the one property of a function's parameters. */
function property(schema: unknown, model?: string, definitions: object = {}) {
  const parameters = object({ p: schema, other: text }, definitions);
  const { body, warnings } = asked(
    { tools: [{ type: "function", function: { name: "f", parameters } }] },
    model,
  );
  const [tool] = body["tools"] as readonly {
    functionDeclarations: readonly Readonly<Record<string, unknown>>[];
  }[];
  const { parameters: open, parametersJsonSchema: json } = tool?.functionDeclarations[0] ?? {};
  const root = open ?? json;
  const properties = isRecord(root) && isRecord(root["properties"]) ? root["properties"] : {};
  return { is: open === undefined ? "json" : "openapi", p: properties["p"], warnings };
}

const dropped = (...keywords: readonly string[]) => [
  `tools[].function.parameters: ${keywords.join(", ")} dropped: Gemini's schemas have no word for it`,
];

describe("a schema in the form that every model takes", () => {
  test.each<[string, unknown, unknown]>([
    [
      "what both know",
      { type: "string", title: "T", description: "d", minLength: 1, pattern: "a" },
      { type: "string", title: "T", description: "d", minLength: 1, pattern: "a" },
    ],
    [
      "a type or null",
      { type: ["string", "null"], description: "d" },
      { type: "string", description: "d", nullable: true },
    ],
    [
      "an object or null",
      object({ a: text }, { type: ["object", "null"], required: ["a"] }),
      object({ a: text }, { required: ["a"], nullable: true }),
    ],
    [
      "an alternative or null",
      { anyOf: [{ type: "integer" }, { type: "null" }], description: "d", default: null },
      { type: "integer", description: "d", nullable: true },
    ],
    [
      "several types",
      { type: ["string", "array"], items: text, minLength: 2 },
      {
        anyOf: [
          { type: "string", minLength: 2 },
          { type: "array", items: text },
        ],
      },
    ],
    [
      "alternatives",
      { oneOf: [text, { type: "integer" }, { type: "null" }], title: "T" },
      { title: "T", anyOf: [text, { type: "integer" }], nullable: true },
    ],
    [
      "alternatives of what is required",
      { ...object({ a: text, b: text }), anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      {
        anyOf: [
          object({ a: text, b: text }, { required: ["a"] }),
          object({ a: text, b: text }, { required: ["b"] }),
        ],
      },
    ],
    [
      "parts of a whole",
      {
        allOf: [object({ a: text }, { required: ["a"] }), object({ b: text }, { required: ["b"] })],
        description: "d",
      },
      object({ a: text, b: text }, { required: ["a", "b"], description: "d" }),
    ],
    ["one value", { const: "a" }, { type: "string", enum: ["a"] }],
    [
      "values, null among them",
      { enum: ["a", "b", null] },
      { type: "string", enum: ["a", "b"], nullable: true },
    ],
    [
      "a reference",
      { $ref: "#/$defs/T", description: "own" },
      { type: "string", enum: ["x"], description: "own" },
    ],
    ["a reference to a reference", { $ref: "#/$defs/U" }, { type: "string", enum: ["x"] }],
    [
      "whole numbers beyond a bound",
      { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: "integer", minimum: 1, maximum: 9 },
    ],
    [
      "types as Google writes them",
      { type: "ARRAY", items: { type: "STRING" } },
      { type: "array", items: text },
    ],
    [
      "types that go without saying",
      { properties: { a: { items: text } } },
      object({ a: { type: "array", items: text } }),
    ],
    [
      "required properties that are there",
      object({ a: text }, { required: ["a", "b"] }),
      object({ a: text }, { required: ["a"] }),
    ],
    [
      "words that bind nothing",
      { ...text, $comment: "c", examples: ["e"], deprecated: true, readOnly: true },
      text,
    ],
    ["closed objects", object({ a: text }, { additionalProperties: false }), object({ a: text })],
  ])("keeps %s", (_, schema, translated) => {
    const definitions = { $defs: { T: { const: "x" }, U: { $ref: "#/$defs/T" } } };
    expect(property(schema, older, definitions)).toEqual({ is: "openapi", p: translated, warnings: [] });
  });

  test.each<[string, unknown, unknown, readonly string[]]>([
    ["formats but two", { type: "string", format: "email" }, text, ["format"]],
    [
      "conditions",
      { ...object({ a: text }), if: {}, else: {}, not: {} },
      object({ a: text }),
      ["else", "if", "not"],
    ],
    [
      "properties of any name",
      { type: "object", additionalProperties: text },
      { type: "object" },
      ["additionalProperties"],
    ],
    [
      "items by place",
      { type: "array", prefixItems: [text, { type: "integer" }] },
      { type: "array", items: { anyOf: [text, { type: "integer" }] } },
      ["prefixItems"],
    ],
    ["listed numbers", { type: "integer", enum: [1, 2] }, { type: "integer" }, ["enum"]],
    ["a listed nothing", { enum: ["", "a"] }, { type: "string", enum: ["a"] }, ["enum"]],
    ["any value", {}, { anyOf: [text, { type: "number" }, { type: "boolean" }] }, ["values of any type"]],
    [
      "bounds that numbers can come up to",
      { type: "number", exclusiveMinimum: 0 },
      { type: "number", minimum: 0 },
      ["exclusiveMinimum"],
    ],
    ["references to elsewhere", { $ref: "https://example.com/a", type: "string" }, text, ["$ref"]],
    ["keywords that nobody knows", { ...text, "a secret text": 1 }, text, ["other keywords"]],
  ])("loses %s by name", (_, schema, translated, lost) => {
    expect(property(schema, older)).toEqual({ is: "openapi", p: translated, warnings: dropped(...lost) });
  });

  test("ends where it is nested in itself, and says so", () => {
    const definitions = {
      $defs: {
        Node: object(
          { name: text, children: { type: "array", items: { $ref: "#/$defs/Node" } } },
          { required: ["name", "children"] },
        ),
      },
    };
    const leaf = object({ name: text }, { required: ["name"] });
    const node = object(
      { name: text, children: { type: "array", items: leaf } },
      { required: ["name", "children"] },
    );
    for (const model of [older, "gemini-3-pro-preview"])
      expect(property({ $ref: "#/$defs/Node" }, model, definitions)).toEqual({
        is: "openapi",
        p: node,
        warnings: dropped("$ref into itself"),
      });
  });

  test("ends also where few references make many schemas", () => {
    const names = Array.from({ length: 40 }, (_, at) => `D${at}`);
    const $defs = Object.fromEntries(
      names.map((name, at) => [
        name,
        object({ a: { $ref: `#/$defs/D${at + 1}` }, b: { $ref: `#/$defs/D${at + 1}` } }),
      ]),
    );
    const seen = property({ $ref: "#/$defs/D0" }, older, { $defs: { ...$defs, D40: text } });
    expect(JSON.stringify(seen.p).length).toBeLessThan(500_000);
    expect(seen.warnings).toEqual(dropped("$ref"));
  });

  test("is an object with properties, or is not sent", () => {
    const declared = (parameters: unknown) =>
      asked({ tools: [{ type: "function", function: { name: "f", parameters } }] }, older).body["tools"];
    const bare = [{ functionDeclarations: [{ name: "f" }] }];
    for (const parameters of [
      undefined,
      null,
      {},
      { type: "object" },
      object({}),
      object({}, { additionalProperties: false }),
    ])
      expect(declared(parameters)).toEqual(bare);
    expect(declared({ properties: { a: text } })).toEqual([
      { functionDeclarations: [{ name: "f", parameters: object({ a: text }) }] },
    ]);
  });
});

describe("JSON Schema itself", () => {
  test.each<[string, unknown, unknown]>([
    [
      "properties of any name",
      { type: "object", additionalProperties: text },
      { type: "object", additionalProperties: text },
    ],
    ["objects of any kind", { type: "object" }, { type: "object" }],
    [
      "items by place",
      { type: "array", prefixItems: [text, { type: "integer" }] },
      { type: "array", prefixItems: [text, { type: "integer" }] },
    ],
    [
      "listed numbers, or null",
      { type: ["integer", "null"], enum: [1, 2, null] },
      { anyOf: [{ type: "integer", enum: [1, 2] }, { type: "null" }] },
    ],
    ["any value", { description: "d" }, { description: "d" }],
  ])("is sent to models that take it where it alone has %s", (_, schema, translated) => {
    expect(property(schema, "gemini-2.5-flash")).toEqual({ is: "json", p: translated, warnings: [] });
    expect(property(text, "gemini-2.5-flash").is).toBe("openapi");
  });

  test("is what an answer is held to where it has to be", () => {
    const held = (schema: object, model?: string) =>
      asked({ response_format: { type: "json_schema", json_schema: { name: "a", schema } } }, model);
    const map = object(
      { m: { type: "object", additionalProperties: text } },
      { additionalProperties: false },
    );
    expect(held(map).body["generationConfig"]).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: object({ m: { type: "object", additionalProperties: text } }),
    });
    expect(held(map, older)).toMatchObject({
      body: { generationConfig: { responseSchema: object({ m: { type: "object" } }) } },
      warnings: [
        "response_format.json_schema.schema: additionalProperties dropped: Gemini's schemas have no word for it",
      ],
    });
  });
});

describe("any schema", () => {
  const type = fc.constantFrom("object", "array", "string", "number", "integer", "boolean", "null");
  const { schema: any } = fc.letrec((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.record({ type }, { requiredKeys: [] }),
      fc.record(
        {
          type: fc.array(type, { maxLength: 3 }),
          enum: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null))),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        { properties: fc.dictionary(fc.string(), tie("schema")), required: fc.array(fc.string()) },
        { requiredKeys: ["properties"] },
      ),
      fc.record(
        { items: tie("schema"), anyOf: fc.array(tie("schema")), allOf: fc.array(tie("schema")) },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          $ref: fc.constantFrom("#", "#/properties/p", "#/$defs/T", "nowhere"),
          additionalProperties: tie("schema"),
        },
        { requiredKeys: [] },
      ),
      fc.boolean(),
    ),
  }));

  test("becomes one that Gemini knows every word of, or nothing", () => {
    const words = new Set([
      "type",
      "format",
      "title",
      "description",
      "nullable",
      "enum",
      "items",
      "properties",
      "required",
      "anyOf",
      "default",
      "minItems",
      "maxItems",
    ]);
    const check = (schema: unknown): void => {
      if (!isRecord(schema)) throw new Error("no schema");
      for (const name of Object.keys(schema)) expect(words).toContain(name);
      expect(schema["type"] !== undefined || Array.isArray(schema["anyOf"])).toBe(true);
      if (schema["type"] === "array") check(schema["items"]);
      const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
      for (const inner of Object.values(properties)) check(inner);
      for (const name of Array.isArray(schema["required"]) ? schema["required"] : [])
        expect(Object.keys(properties)).toContain(name);
      for (const inner of Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []) check(inner);
    };
    const translated = (schema: unknown) => property(schema, older, { $defs: { T: schema } }).p;
    fc.assert(
      fc.property(any, (schema) => {
        const p = translated(schema);
        if (p !== undefined) check(p);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
