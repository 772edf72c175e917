import type { DiagnosticCode, Report } from "./diagnostic.ts";
import { type Schema, show } from "./found.ts";
import { expand, isReference, noteSecret, type References } from "./references.ts";
import { wantsOf } from "./schema/words.ts";
import { didYouMean, suggest } from "./suggest.ts";
import type { Scalar } from "./tree.ts";

/** What could not be read; whoever holds it goes on without it. */
export const invalid = Symbol("invalid");

/** Reads one value by its schema: choice, range and form; then references are noted or filled in. */
export function readScalar(
  schema: Schema,
  { value, at }: Scalar,
  { report, references }: { readonly report: Report; readonly references: References },
): unknown {
  const refuse = (code: DiagnosticCode, message: string, suggestion: string | null = null) => {
    report(code, at, message, { suggestion });
    return invalid;
  };
  const code = (schema["x-code"] ?? "wrong_type") as DiagnosticCode;
  const choices =
    schema["enum"] ?? schema["x-choices"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(choices) && !choices.includes(value)) {
    const suggestion = suggest(String(value), choices.map(String));
    return refuse(
      code,
      `Found ${show(value)}; this must be ${wantsOf(schema)}.${didYouMean(suggestion)}`,
      suggestion,
    );
  }
  if (typeof value === "number") {
    const problem = beyond(schema, value);
    return problem === null ? value : refuse("out_of_range", `Found ${value}; this must be ${problem}.`);
  }
  if (typeof value !== "string") return value;
  if (!fits(schema, value)) {
    const what =
      schema["x-secret"] === true || code === "invalid_url"
        ? "what may be a secret (not shown)"
        : value === ""
          ? "empty text"
          : show(value);
    return refuse(code, `Found ${what}; this must be ${wantsOf(schema)}.`);
  }
  if (schema["x-secret"] === true || (schema["x-maybe-secret"] === true && isReference(value))) {
    noteSecret(value, at, references);
    return value;
  }
  const expanded = expand(value, at, references);
  if (expanded === value || fits(schema, expanded)) return expanded;
  return refuse(
    "out_of_range",
    `The value of the variable (not shown) does not fit here; this must be ${wantsOf(schema)}.`,
  );
}

function beyond(schema: Schema, value: number): string | null {
  const { minimum, exclusiveMinimum } = schema;
  if (!Number.isFinite(value)) return "a finite number";
  if (typeof minimum === "number" && value < minimum) return `at least ${minimum}`;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum)
    return `more than ${exclusiveMinimum}`;
  return null;
}

const compiled = new Map<string, RegExp>();

/** Whether a text has the form that the schema asks for. */
export function fits({ pattern }: Schema, value: string): boolean {
  if (typeof pattern !== "string") return true;
  const known = compiled.get(pattern) ?? new RegExp(pattern, "u");
  compiled.set(pattern, known);
  return known.test(value);
}
