import type { TSchema } from "@sinclair/typebox";
import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import type { Report } from "./diagnostic.ts";
import { includedSchema, publishedSchema } from "./schema/published.ts";
import { member, type Spot, type Tree } from "./tree.ts";

/**
 * Ajv's opinion, by the published schema, on a file that our reader found nothing wrong with: a pull request passes only
 * where editors and the gateway agree. Compiling the schema takes a moment, so a gateway that serves does without.
 */
export function checkBySchema(which: "routes" | "included", tree: Tree, report: Report): boolean {
  const validate = validatorOf(which);
  if (validate(plain(tree))) return true;
  const first = validate.errors?.[0];
  if (first !== undefined)
    report(
      "wrong_type",
      spotOf(tree, first),
      `The schema of routes.yaml refuses this: it ${first.message ?? "is not valid"}.`,
    );
  return false;
}

const validators = new Map<string, ValidateFunction>();

/** Compiled at first use: a schema costs more to compile than a file to check. */
function validatorOf(which: "routes" | "included"): ValidateFunction {
  const known = validators.get(which);
  if (known !== undefined) return known;
  const ajv = new Ajv({ discriminator: true, strict: true, strictTypes: false, strictRequired: false });
  const validate = ajv.compile((which === "routes" ? publishedSchema() : includedSchema()) as TSchema);
  validators.set(which, validate);
  return validate;
}

/** A tree as the plain data that a schema is about. */
function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "sequence") return tree.items.map(plain);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}

/** Where an error of Ajv stands: its JSON pointer, followed as far as the file goes. */
function spotOf(tree: Tree, { instancePath }: ErrorObject): Spot {
  let at = tree;
  for (const step of instancePath.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = at.kind === "sequence" ? at.items[Number(name)] : member(at, name)?.value;
    if (next === undefined) break;
    at = next;
  }
  return at.at;
}
