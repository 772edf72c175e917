import { expect, test } from "bun:test";
import { rules } from "../../../src/config/diff/rules.ts";
import { publishedSchema } from "../../../src/config/schema/published.ts";

/** Fields that a Snapshot does not know, or knows by another word. */
const elsewhere: Readonly<Record<string, string | null>> = {
  version: null,
  requires: null,
  include: null,
  "auth.keys[*].id": null,
  "auth.keys[*].budget": "auth.keys[*].budget.*",
  "auth.teams.*.budget": "auth.teams.*.budget.*",
  "providers.*.token": "providers.*.api_key",
  "providers.*.auth_url": "providers.*.login.url",
  "providers.*.username": "providers.*.login.body.*",
  "providers.*.password": "providers.*.login.body.*",
  "providers.*.token_cache_hours": "providers.*.login.cache",
  "providers.*.api_key[*].id": null,
  "providers.*.api_key[*].key": "providers.*.api_key",
  "models.*.targets[*].provider": null,
  "models.*.targets[*].model": null,
  "models.*.fallbacks": "models.*.fallbacks.*",
  "assert[*].model": null,
  "assert[*].min_providers": "assert.*.min_providers",
  "assert[*].any_tag": "assert.*.any_tag",
  "assert[*].only_tags": "assert.*.only_tags",
};

type Schema = Readonly<Record<string, unknown>>;
const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every field of the published schema, as rules name them. */
function fieldsOf(schema: Schema, at: string): readonly string[] {
  const below = (key: string) => [at, key].filter((part) => part !== "").join(".");
  const members = Array.isArray(schema["oneOf"]) ? schema["oneOf"].filter(isSchema) : [];
  const properties = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const free = schema["additionalProperties"];
  const items = schema["items"];
  const inside = [
    ...members.flatMap((member) => fieldsOf(member, at)),
    ...properties.flatMap(([key, held]) => (isSchema(held) ? fieldsOf(held, below(key)) : [])),
    ...(isSchema(free) ? fieldsOf(free, below("*")) : []),
    ...(isSchema(items) ? fieldsOf(items, `${at}[*]`) : []),
  ];
  return inside.length > 0 ? inside : [at];
}

/** Whether a rule judges a field: its own, one that stands for all names there, or that of the whole that it is a part of. */
function isJudged(field: string): boolean {
  const known = elsewhere[field];
  if (known === null) return true;
  if (known !== undefined) return Object.hasOwn(rules, known);
  for (let at = field; at !== ""; at = at.replace(/(\.[^.[]+|\[\*\]|^[^.[]+)$/, "")) {
    if (Object.hasOwn(elsewhere, at)) return isJudged(at);
    const names = at.replace(/\.[^.[]+$/, ".*");
    if (Object.hasOwn(rules, names) && !isName(names)) return true;
    if (Object.hasOwn(rules, at) && (at === field || isLeaf(at))) return true;
  }
  return false;
}

const isLeaf = (rule: string): boolean =>
  !Object.keys(rules).some((other) => other.startsWith(`${rule}.`) || other.startsWith(`${rule}[`));
/** Whether a rule for names is about things with fields of their own. */
const isName = (rule: string): boolean => !isLeaf(rule);

test("every field that the schema accepts has a rule that says what a change in it can do", () => {
  // A pool of one may stand there without a list around it.
  const fields = [
    ...new Set(fieldsOf(publishedSchema(), "").map((field) => field.replace("api_key.", "api_key[*]."))),
  ];
  expect(fields.length).toBeGreaterThan(150);
  expect(fields.filter((field) => !isJudged(field))).toEqual([]);
});

test("a field that is new would be missed", () => {
  for (const field of [
    "providers.*.cache",
    "logging.sample",
    "models.*.targets[*].cost",
    "auth.keys[*].ip",
    "guardrails",
  ])
    expect(isJudged(field)).toBe(false);
});
