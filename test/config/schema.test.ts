// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { parse } from "yaml";
import type { DiagnosticCode } from "../../src/config/diagnostic.ts";
import { parseText } from "../../src/config/parse.ts";
import { Places } from "../../src/config/places.ts";
import { read } from "../../src/config/read.ts";
import { publishedFiles, publishedSchema } from "../../src/config/schema/published.ts";
import { routes } from "../../src/config/schema/routes.ts";
import { cases } from "../support/thorough.ts";

setDefaultTimeout(20_000);

const published = new Ajv({
  discriminator: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
}).compile(publishedSchema());
const example: unknown = parse(readFileSync(join(import.meta.dir, "contract_example.yaml"), "utf8"));

/** What our own reader says of a value. */
function codesOf(value: unknown): readonly DiagnosticCode[] {
  const codes: DiagnosticCode[] = [];
  const parsed = parseText("routes.yaml", JSON.stringify(value));
  if (!parsed.ok) return parsed.error.map(({ code }) => code);
  const references = { variables: {}, secret: [], open: [] };
  read(routes, parsed.value.tree, {
    report: (code) => void codes.push(code),
    places: new Places("routes.yaml"),
    references,
  });
  return codes;
}

test.each(Object.entries(publishedFiles))("%s in the repository is that of the source", (name, text) => {
  expect(readFileSync(join(import.meta.dir, "..", "..", "schemas", name), "utf8")).toBe(text());
});

test("editors accept the example of the contract, and so does the gateway", () => {
  published(example);
  expect(published.errors).toBeNull();
  expect(codesOf(example)).toEqual([]);
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, held]) =>
      pathsOf(held, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

/** A copy with one place changed; undefined takes it away. */
function changed(value: unknown, [step, ...rest]: Path, to: unknown): unknown {
  if (step === undefined) return to;
  const copy: Record<string | number, unknown> = Object.assign(Array.isArray(value) ? [] : {}, value);
  const next = changed(copy[step], rest, to);
  if (next === undefined && Array.isArray(copy)) copy.splice(Number(step), 1);
  else if (next === undefined) delete copy[step];
  else copy[step] = next;
  return copy;
}

const paths = pathsOf(example).filter((path) => path.length > 0);
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    0,
    -1,
    1,
    1.5,
    1e9,
    "",
    "200k",
    "5s",
    "10%",
    "32MiB",
    "free",
    "env:X",
    "${X}",
    "a/b",
    "a*",
    "x",
    [],
    {},
    [1],
    { kind: "openai" },
    { id: "a", key: "env:B" },
  ),
  fc.string(),
  fc.dictionary(
    fc.string({ maxLength: 8 }).filter((key) => key !== "__proto__"),
    fc.constantFrom<unknown>(1, "x", null),
    { maxKeys: 2 },
  ),
);

test("editors and the gateway agree on every file that differs from it in one place", () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), odd, (path, to) => {
      const value = changed(example, path, to);
      expect({ path, to, accepted: codesOf(value).length === 0 }).toEqual({
        path,
        to,
        accepted: published(value),
      });
    }),
    { numRuns: cases(300, 1_500) },
  );
});

test("one change is one mistake", () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.constantFrom<unknown>(null, true, -7, "?", 1.5), (path, to) => {
      expect(codesOf(changed(example, path, to)).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: cases(100, 500) },
  );
});
