// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { format } from "../../../src/config/format/format.ts";
import type { Finding } from "../../../src/config/import/finding.ts";
import { importFile } from "../../../src/config/import/import.ts";
import { routes } from "../../../src/config/schema/routes.ts";
import { env, litellm, modelConfig, modelsByKind, modelsProxy } from "./samples.ts";

setDefaultTimeout(20_000);

const samples = { litellm, modelConfig, modelsProxy, modelsByKind, env };
const yamls = [litellm, modelConfig, modelsProxy, modelsByKind];

/** Lines that hold nothing but the key of what follows. */
const isSection = (line: string): boolean => /:\s*$/.test(line);

/** Lines with content that no finding speaks of. */
function unaccounted(text: string, findings: readonly Finding[]): readonly string[] {
  return text.split("\n").filter((line, index) => {
    if (/^\s*(#|$)/.test(line) || isSection(line)) return false;
    return !findings.some((each) => each.line <= index + 1 && index + 1 <= each.end_line);
  });
}

function importing(text: string) {
  const result = importFile({ name: "old", text }, null, "0.1.0");
  return result.ok ? result.value : { findings: [], ...result.error };
}

describe.each(Object.entries(samples))("of %s", (_, text) => {
  test("every line is accounted for", () => {
    expect(unaccounted(text, importing(text).findings)).toEqual([]);
  });

  test("no secret that stands in it appears in anything that comes out", () => {
    expect(text).toContain("canary");
    expect(JSON.stringify(importing(text))).not.toContain("canary");
  });
});

const odd = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1.5,
  1e-7,
  "",
  "x",
  "a/b",
  "*",
  "a*",
  "*a",
  "200k",
  "1_000",
  "unlimited",
  "env:X",
  "${X}",
  "os.environ/PORT",
  "é ü/1",
  "line\nbreak",
  "http://169.254.169.254/",
  "gpt-4o",
  "sonnet",
  "openai",
  "bedrock/x",
  [],
  {},
  ["gpt-4o", 1],
  { name: "x" },
);
const change = fc.record({
  at: fc.nat(10_000),
  to: odd,
  how: fc.constantFrom("replace", "rename", "remove"),
});

/** Every mapping and list of a value. */
function holdersOf(value: unknown): readonly (Record<string, unknown> | unknown[])[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? value : (value as Record<string, unknown>);
  return [own, ...Object.values(own).flatMap(holdersOf)];
}

function changed(value: unknown, { at, to, how }: { at: number; to: unknown; how: string }): void {
  const places = holdersOf(value).flatMap((holder) => Object.keys(holder).map((key) => ({ holder, key })));
  const place = places[at % places.length];
  if (place === undefined) return;
  const { holder, key } = place;
  if (how === "secret") {
    // Where secrets and addresses stand already, and in keys that nobody knows: a name would be no secret.
    const isPlace = /canary|^http|os\.environ|\$\{/.test(String(Reflect.get(holder, key)));
    Reflect.set(holder, isPlace ? key : "unheard_of", to);
  } else if (Array.isArray(holder)) holder.splice(Number(key), 1, ...(how === "remove" ? [] : [to]));
  else if (how === "replace") holder[key] = to;
  else {
    // A secret under a name that tells nothing of it is known to nobody.
    if (how === "rename" && typeof to === "string" && !JSON.stringify(holder[key]).includes("canary"))
      holder[to] = holder[key];
    delete holder[key];
  }
}

test("whatever stands in a file: what comes out compiles, is in form, accounts for every line and tells no secret", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...yamls),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (sample, changes) => {
        const value: unknown = parse(sample);
        for (const each of changes) changed(value, each);
        const text = stringify(value, { aliasDuplicateObjects: false });
        const result = importing(text);
        expect(JSON.stringify(result)).not.toContain("canary");
        if (!("routes" in result)) return;
        const errors = result.diagnostics.filter(({ severity }) => severity === "error");
        expect(errors).toEqual([]);
        expect(format("routes.yaml", new TextEncoder().encode(result.routes), routes)).toEqual({
          ok: true,
          value: result.routes,
        });
        expect(unaccounted(text, result.findings)).toEqual([]);
      },
    ),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 20) },
  );
}, 20_000);
