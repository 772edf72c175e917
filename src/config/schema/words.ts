import { type Static, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { jsonPointerPattern } from "../../core/json_pointer.ts";
import { patterns } from "../../core/units.ts";
import type { DiagnosticCode } from "../diagnostic.ts";

/**
 * What our own reader needs beyond JSON Schema; the published schema is stripped of it.
 * `x-wants` completes "This must be …"; `x-code` is what a mismatch is called; `x-secret` marks references.
 */
export interface Marks {
  readonly "x-wants"?: string;
  readonly "x-code"?: DiagnosticCode;
  readonly "x-secret"?: true;
  /** `env:` and `file:` are references here, anything else is meant as it stands. */
  readonly "x-maybe-secret"?: true;
  /** The words that a pattern stands for, where `enum` would speak of other types as well. */
  readonly "x-choices"?: readonly string[];
}

const printable = "[^\\u0000-\\u001f\\u007f]";
const variable = "[A-Za-z_][A-Za-z0-9_]*";
const reference = `env:${variable}|file:${printable}+|\\$\\{${variable}\\}`;

/** Names of providers, keys, teams and policies. */
export const namePattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$";
/** Public names, a pattern's trailing `*` included. */
export const publicPattern = "^([A-Za-z0-9][A-Za-z0-9._:/@+-]*\\*?|\\*)$";
/** Public names that stand for one model only. */
export const exactPattern = "^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$";
const headerPattern = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/** A text of a given form. */
export const text = (pattern: string, wants: string, more: Marks & { readonly description?: string } = {}) =>
  Type.String({ pattern, "x-wants": wants, ...more });

/** Any text without control characters, at least one letter of it. */
export const words = (description?: string) =>
  text(`^${printable}+$`, "text on one line", description === undefined ? {} : { description });

/** An address; what may stand in it is checked after references are filled in. */
export const url = (description: string) =>
  text(`^${printable}+$`, "an address such as https://api.example.com/v1", {
    "x-code": "invalid_url",
    description,
  });

export const name = () => text(namePattern, "a name of letters, digits and . _ -");
export const publicName = () => text(publicPattern, "a public model name");
export const secret = () =>
  text(`^(${reference})$`, "a reference, env:NAME or file:path, never the secret itself", {
    "x-code": "literal_secret",
    "x-secret": true,
  });
export const clientSecret = () =>
  text(
    `^(${reference}|sha256:[0-9a-fA-F]{64})$`,
    "a reference, env:NAME, file:path or sha256: with 64 hex digits, never the secret itself",
    {
      "x-code": "literal_secret",
      "x-secret": true,
    },
  );
/** A reference, or plain text. */
export const maybeSecret = (description: string) =>
  text(
    `^(?!(env|file|sha256):)${printable}+$|^(env:${variable}|file:${printable}+)$`,
    "text, or a reference such as env:NAME",
    {
      "x-maybe-secret": true,
      description,
    },
  );
export const pointer = (description: string) =>
  text(jsonPointerPattern, "a JSON pointer such as /data/access_token", { description });
export const duration = (description?: string) =>
  text(
    patterns.duration,
    "a time with its unit, such as 250ms, 5s or 2h",
    description === undefined ? {} : { description },
  );
export const size = () => text(patterns.size, "a size with its unit, such as 64KiB or 32MiB");
export const percentage = () => text(patterns.percentage, "a percentage such as 10%");
export const date = () =>
  text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date such as 2027-12-31", {
    description: "The last day (UTC) on which it holds.",
  });

/** A number, also with `k` or `M`. */
export const quantity = (
  bounds: { readonly minimum?: number; readonly exclusiveMinimum?: number },
  description?: string,
) =>
  Type.Unsafe<number | string>({
    type: ["number", "string"],
    ...bounds,
    pattern: patterns.count,
    "x-wants": "a number such as 600, 200k or 1.5M",
    ...(description === undefined ? {} : { description }),
  });

/** A whole number, also with `k` or `M`. */
export const whole = (minimum: number, description?: string) =>
  Type.Unsafe<number | string>({
    type: ["integer", "string"],
    minimum,
    pattern: patterns.count,
    "x-wants": "a whole number such as 600, 200k or 1.5M",
    ...(description === undefined ? {} : { description }),
  });

/** One of a few words. */
export const oneOf = <const T extends string>(
  values: readonly T[],
  more: Marks & { readonly description?: string } = {},
) => Type.Unsafe<T>({ type: "string", enum: [...values], ...more });

/** The same where it is one of several types. */
export const wordOf = <const T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>({
    type: "string",
    pattern: `^(${values.join("|")})$`,
    "x-choices": [...values],
    "x-wants": `one of ${values.join(", ")}`,
  });

export const yesNo = (description: string) => Type.Boolean({ description });

/** A mapping with these keys and no others. */
export const mapping = <P extends TProperties>(properties: P, description?: string) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });

/** A mapping from names of a given form to values of one kind. */
export const named = <T extends TSchema>(pattern: string, wants: string, value: T, description?: string) =>
  Type.Unsafe<Readonly<Record<string, Static<T>>>>({
    type: "object",
    propertyNames: { pattern, "x-wants": wants },
    additionalProperties: value,
    ...(description === undefined ? {} : { description }),
  });

/** Headers by name. */
export const headers = () =>
  named(headerPattern, "a header name", words(), "Sent with every request to the provider.");
export const headerName = () => text(headerPattern, "a header name");
/** Free text by free names. */
export const labels = () => named(`^${printable}+$`, "text on one line", words());

/** Request fields with any JSON value. */
export const params = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object", additionalProperties: {}, description });

/**
 * One of several JSON types. Keywords of JSON Schema speak of one type each, so the alternatives merge into one schema
 * without `anyOf`, and a mistake gets one message instead of one for each alternative.
 */
export const either = <A extends TSchema, B extends TSchema>(
  a: A,
  b: B,
  more: Marks & { readonly description?: string } = {},
) =>
  Type.Unsafe<Static<A> | Static<B>>({
    ...a,
    ...b,
    type: [a["type"], b["type"]].flat(),
    "x-wants": `${wantsOf(a)} or ${wantsOf(b)}`,
    ...(a["x-secret"] === true ? { "x-secret": true } : {}),
    ...more,
  });

/** One value, or a list of them. */
export const oneOrMore = <T extends TSchema>(item: T, description?: string) =>
  either(item, Type.Array(item, { minItems: 1 }), description === undefined ? {} : { description });

/** What a schema asks for, in words. */
export function wantsOf(schema: TSchema | Readonly<Record<string, unknown>>): string {
  const wants: unknown = schema["x-wants"];
  if (typeof wants === "string") return wants;
  const choices: unknown = schema["enum"];
  if (Array.isArray(choices)) return `one of ${choices.join(", ")}`;
  return [schema["type"]]
    .flat()
    .map((type) => typeWords[String(type)] ?? "a value")
    .join(" or ");
}

const typeWords: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "text",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
};
