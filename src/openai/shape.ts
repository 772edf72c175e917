import { isRecord } from "../core/record.ts";
import { err, ok, type Result } from "../core/result.ts";

/** What is wrong with a request, at which field. */
export interface Mistake {
  /** The path of the field, such as `messages[0].role`; null for the body as a whole. */
  readonly param: string | null;
  /** What was found, and what would be right. Never a text: it may be a prompt. */
  readonly message: string;
}

/** Fine, or the first mistake. */
export type Checked = Result<null, Mistake>;
/** A rule about one field. */
export type Check = (value: unknown, param: string) => Checked;

/** Nothing to object to. */
export const fine: Checked = ok(null);

/** `param has to be …, and is …`. */
export const wrong = (param: string, wanted: string, value: unknown): Checked =>
  err({ param, message: `${param} has to be ${wanted}; it is ${describe(value)}.` });

/** A value that holds, or null, or nothing at all. */
export const optional =
  (check: Check): Check =>
  (value, param) =>
    value === undefined || value === null ? fine : check(value, param);

/** True or false. */
export const boolean: Check = (value, param) =>
  typeof value === "boolean" ? fine : wrong(param, "true or false", value);

/** Any object. */
export const object: Check = (value, param) => (isRecord(value) ? fine : wrong(param, "an object", value));

/** Any array. */
export const array: Check = (value, param) => (Array.isArray(value) ? fine : wrong(param, "an array", value));

/** Any text. */
export const string: Check = (value, param) =>
  typeof value === "string" ? fine : wrong(param, "a string", value);

/** A whole number in a range, both ends included. */
export const integer =
  (min: number, max: number = Number.MAX_SAFE_INTEGER): Check =>
  (value, param) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
      ? fine
      : wrong(
          param,
          max === Number.MAX_SAFE_INTEGER
            ? `a whole number of at least ${min}`
            : `a whole number from ${min} to ${max}`,
          value,
        );

/** Text of one to `max` characters. */
export const shortText =
  (max: number): Check =>
  (value, param) =>
    typeof value === "string" && value.length > 0 && value.length <= max
      ? fine
      : wrong(param, `a string of 1 to ${max} characters`, value);

/** What models read outside a chat: text, texts, tokens, or arrays of tokens; never nothing. */
export const prompt: Check = (value, param) => {
  if (typeof value === "string") return fine;
  if (!Array.isArray(value)) return wrong(param, promptForms, value);
  if (value.length === 0) return wrong(param, "a non-empty array", value);
  const alike = isToken(value[0]) ? isToken : typeof value[0] === "string" ? isString : isTokens;
  const at = value.findIndex((item) => !alike(item));
  return at === -1
    ? fine
    : wrong(
        `${param}[${at}]`,
        alike === isToken
          ? "a token"
          : alike === isString
            ? "a string"
            : "a string or a non-empty array of tokens",
        value[at],
      );
};

const promptForms = "a string, an array of strings, an array of tokens or an array of token arrays";

const isString = (value: unknown): boolean => typeof value === "string";
const isToken = (value: unknown): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isTokens = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isToken);

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "number") return Number.isInteger(value) ? `${value}` : `the number ${value}`;
  if (typeof value === "string")
    return value === "" ? "an empty string" : `a string of ${value.length} characters`;
  return typeof value === "boolean" ? `${value}` : "an object";
}
