import type { TSchema } from "@sinclair/typebox";
import type { DiagnosticCode, Report } from "./diagnostic.ts";
import { asSchema, found, type Schema, show, typeOf, typesOf } from "./found.ts";
import type { Places } from "./places.ts";
import { fits, invalid, readScalar } from "./read_scalar.ts";
import type { References } from "./references.ts";
import { wantsOf } from "./schema/words.ts";
import { didYouMean, suggest } from "./suggest.ts";
import type { Mapping, Sequence, Tree } from "./tree.ts";

/** What a reading shares: where to report, where to remember places, and what references mean. */
export interface Reading {
  readonly report: Report;
  readonly places: Places;
  readonly references: References;
  /** Says more of a key that is not known here; null: nothing to add. */
  readonly unknownKey?: (
    tree: Mapping,
    key: string,
  ) => { readonly code: DiagnosticCode; readonly message: string } | null;
}

/**
 * Reads a tree by the very schema that is published: one walk checks, fills references in and gives plain values.
 * One mistake is one report; what is wrong is left out, and with it what cannot be without it.
 */
export function read(schema: TSchema, tree: Tree, reading: Reading): Readonly<Record<string, unknown>> {
  if (tree.kind === "mapping") return readMembers(schema, tree, reading).value;
  wrongType(schema, typesOf(schema), tree, reading);
  return {};
}

function readAny(schema: Schema, tree: Tree, reading: Reading): unknown {
  const types = typesOf(schema);
  const type = typeOf(tree);
  if (types.length > 0 && !types.includes(type) && !(type === "integer" && types.includes("number"))) {
    return wrongType(schema, types, tree, reading);
  }
  if (tree.kind === "mapping") {
    return schema["x-tag"] === undefined
      ? readMapping(schema, tree, reading)
      : readTagged(schema, tree, reading);
  }
  return tree.kind === "sequence" ? readSequence(schema, tree, reading) : readScalar(schema, tree, reading);
}

function wrongType(
  schema: Schema,
  types: readonly string[],
  tree: Tree,
  { report }: Reading,
): typeof invalid {
  if (typeOf(tree) === "number" && types.includes("integer")) {
    const finite = tree.kind === "scalar" && Number.isFinite(tree.value);
    report(
      finite ? "out_of_range" : "wrong_type",
      tree.at,
      `Found ${found(tree, schema)}; this must be ${wantsOf(schema)}.`,
    );
    return invalid;
  }
  report("wrong_type", tree.at, `Found ${found(tree, schema)}; this must be ${wantsOf(schema)}.`);
  return invalid;
}

function readSequence(schema: Schema, tree: Sequence, reading: Reading): unknown {
  const { minItems } = schema;
  if (typeof minItems === "number" && tree.items.length < minItems) {
    reading.report(
      "out_of_range",
      tree.at,
      `Found an empty list; this must be ${wantsOf(schema)} with at least one entry.`,
    );
    return invalid;
  }
  const item = asSchema(schema["items"]);
  const values = tree.items.map((each) => readAny(item, each, reading)).filter((value) => value !== invalid);
  // Free JSON keeps its places too: nobody asks for them, and it costs nothing.
  reading.places.remember(values, tree);
  return values;
}

function readMapping(schema: Schema, tree: Mapping, reading: Reading): unknown {
  const { value, isComplete } = readMembers(schema, tree, reading);
  return isComplete ? value : invalid;
}

function readMembers(schema: Schema, tree: Mapping, reading: Reading) {
  const properties = asSchema(schema["properties"]);
  const free = schema["additionalProperties"];
  const names = asSchema(schema["propertyNames"]);
  const known = Object.keys(properties);
  const present = new Set(tree.entries.map(({ key }) => key));
  const absent = known.filter((name) => !present.has(name));
  const value: Record<string, unknown> = {};
  const meant = new Set<string>();
  for (const entry of tree.entries) {
    const { key, keyAt, value: member } = entry;
    if (Object.hasOwn(properties, key)) {
      const got = readAny(asSchema(properties[key]), member, reading);
      if (got !== invalid) value[key] = got;
    } else if (free === false) {
      const suggestion = reportUnknown(tree, entry, { known, absent }, reading);
      if (suggestion !== null) meant.add(suggestion);
    } else if (!fits(names, key)) {
      reading.report(
        "wrong_type",
        keyAt,
        `The name ${show(key)} is not possible here; it must be ${wantsOf(names)}.`,
      );
    } else {
      const got = readAny(asSchema(free), member, reading);
      if (got !== invalid) value[key] = got;
    }
  }
  reading.places.remember(value, tree);
  return { value, isComplete: hasRequired(schema, tree, value, meant, reading) };
}

/** `meant`: keys that a misspelt one stands for, which is one mistake and told already. */
function hasRequired(
  schema: Schema,
  tree: Mapping,
  value: Readonly<Record<string, unknown>>,
  meant: ReadonlySet<string>,
  { report }: Reading,
): boolean {
  let complete = true;
  const required: unknown = schema["required"];
  for (const key of Array.isArray(required) ? required.map(String) : []) {
    if (Object.hasOwn(value, key)) continue;
    complete = false;
    if (!meant.has(key) && !tree.entries.some((entry) => entry.key === key)) {
      const wants = wantsOf(asSchema(asSchema(schema["properties"])[key]));
      report("missing_key", tree.at, `The key "${key}" is missing; it must be ${wants}.`);
    }
  }
  return complete;
}

/** A key that was misspelt stands for one of those that are `absent`. */
function reportUnknown(
  tree: Mapping,
  { key, keyAt: at }: Mapping["entries"][number],
  { known, absent }: { readonly known: readonly string[]; readonly absent: readonly string[] },
  { report, unknownKey }: Reading,
): string | null {
  const more = unknownKey?.(tree, key) ?? null;
  if (more !== null) {
    report(more.code, at, more.message);
    return null;
  }
  const suggestion = suggest(key, absent);
  const choice = suggestion === null ? ` Known here: ${known.join(", ")}.` : didYouMean(suggestion);
  report("unknown_key", at, `The key ${show(key)} is not known here.${choice}`, { suggestion });
  return suggestion;
}

/** A union told apart by one key: only the member that it names is looked at. */
function readTagged(schema: Schema, tree: Mapping, reading: Reading): unknown {
  const tag = String(schema["x-tag"]);
  const members = Array.isArray(schema["oneOf"]) ? schema["oneOf"].map(asSchema) : [];
  const wordOf = (member: Schema) => String(asSchema(asSchema(member["properties"])[tag])["const"]);
  const entry = tree.entries.find((each) => each.key === tag);
  const choices = { type: "string", enum: members.map(wordOf), "x-code": schema["x-code"] };
  if (entry === undefined) {
    const known = members.flatMap((member) => Object.keys(asSchema(member["properties"])));
    const misspelt = tree.entries.find(({ key }) => !known.includes(key) && suggest(key, [tag]) !== null);
    if (misspelt !== undefined) reportUnknown(tree, misspelt, { known: [tag], absent: [tag] }, reading);
    else
      reading.report("missing_key", tree.at, `The key "${tag}" is missing; it must be ${wantsOf(choices)}.`);
    return invalid;
  }
  const word = readAny(choices, entry.value, reading);
  const chosen = members.find((member) => wordOf(member) === word);
  if (chosen === undefined) return invalid;
  const unknownKey = (mapping: Mapping, key: string) => {
    if (mapping !== tree) return null;
    const owner = members.find((member) => Object.hasOwn(asSchema(member["properties"]), key));
    if (owner === undefined) return null;
    return {
      code: "unknown_key" as const,
      message: `The key ${show(key)} belongs to ${tag} ${wordOf(owner)}; this is ${String(word)}.`,
    };
  };
  return readAny(chosen, tree, { ...reading, unknownKey });
}
