import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { compile } from "../../src/config/compile.ts";
import { readSources } from "../../src/config/source.ts";
import { generatedCases } from "./bad/bytes.ts";

setDefaultTimeout(20_000);

type Diagnostic = ReturnType<typeof compile>["diagnostics"][number];

/*
 * The first line of each root file is the expectation: `# PLACES CODES notes`, alternatives joined by `|`.
 * A place is `line:column` or `file:line:column`, `*` where the contract leaves it open.
 * Notes: suggests=WORD (did you mean), related=PLACES (the other position), hides=TEXT (a secret, never shown).
 */
interface Expectation {
  readonly places: readonly string[];
  readonly codes: readonly string[];
  readonly notes: Readonly<Record<string, string>>;
}

interface BadCase {
  readonly name: string;
  readonly root: string;
  readonly expected: Expectation;
}

const folder = join(import.meta.dir, "bad");
const scratch = mkdtempSync(join(tmpdir(), "switchyard-bad-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function expectation(text: string, root: string): Expectation {
  const [places = "", codes = "", ...notes] = text.split(" ");
  const absolute = (place: string): string =>
    place.split(":").length === 3 ? place : `${basename(root)}:${place}`;
  return {
    places: places.split("|").map(absolute),
    codes: codes.split("|"),
    notes: Object.fromEntries(notes.map((note) => note.split("=", 2))),
  };
}

function written(): readonly BadCase[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.name !== "bytes.ts");
  return entries.map((entry) => {
    const root = join(folder, entry.name, entry.isDirectory() ? "routes.yaml" : "");
    const first = readFileSync(root, "utf8").split("\n", 1)[0] ?? "";
    return { name: entry.name, root, expected: expectation(first.replace(/^# /, ""), root) };
  });
}

function generated(): readonly BadCase[] {
  return generatedCases.map((one, index) => {
    const directory = join(scratch, String(index));
    const create = (path: string, make: (at: string) => void): void => {
      const at = join(directory, path);
      mkdirSync(dirname(at), { recursive: true });
      make(at);
    };
    for (const [path, content] of Object.entries(one.files)) create(path, (at) => writeFileSync(at, content));
    for (const [path, target] of Object.entries(one.links ?? {}))
      create(path, (at) => symlinkSync(target, at));
    const root = join(directory, "routes.yaml");
    return { name: one.name, root, expected: expectation(one.expected, root) };
  });
}

/** `3:*` matches any column; a longer path of the same file matches its shorter one. */
function isAt(place: string, at: { file: string; line: number; column: number }): boolean {
  const [file = "", line, column] = place.split(":");
  return (
    (at.file === file || at.file.endsWith(`/${file}`)) &&
    (line === "*" || Number(line) === at.line) &&
    (column === "*" || Number(column) === at.column)
  );
}

async function diagnose(root: string): Promise<{ ok: boolean; diagnostics: readonly Diagnostic[] }> {
  const sources = await readSources(root);
  if (!sources.ok) return { ok: false, diagnostics: sources.error };
  return compile(sources.value, { engine: "0.1.0", variables: {} });
}

const cases = [...written(), ...generated()];

test.each(cases.map((one) => [one.name, one] as const))("%s", async (_, { root, expected }) => {
  const { ok, diagnostics } = await diagnose(root);
  const errors = diagnostics.filter((each) => each.severity === "error");
  const shown = errors.map((each) => `${each.file}:${each.line}:${each.column} ${each.code} ${each.message}`);

  expect(shown, "exactly one error").toHaveLength(1);
  expect(ok).toBe(false);
  for (const error of errors) {
    expect(expected.codes).toContain(error.code);
    expect(
      expected.places.some((place) => isAt(place, error)),
      `${shown[0]} is at ${expected.places}`,
    ).toBe(true);
    expect(error.message).toMatch(/^\S.*\s.*\S$/);
    expect(error.message.length).toBeGreaterThan(20);
  }
  const { suggests, related, hides } = expected.notes;
  if (suggests !== undefined) expect(errors[0]?.suggestion).toContain(suggests);
  if (hides !== undefined) expect(JSON.stringify(diagnostics)).not.toContain(hides);
  if (related !== undefined) {
    const others = errors[0]?.related ?? [];
    expect(others.some((other) => related.split("|").some((place) => isAt(place, other)))).toBe(true);
  }
});

const codesOfCompile = [
  "yaml_syntax multiple_documents empty_file file_too_large invalid_utf8 nul_byte byte_order_mark duplicate_key",
  "merge_key custom_tag alias_bomb unknown_key missing_key wrong_type out_of_range unsupported_version",
  "engine_mismatch unknown_provider unknown_model unknown_policy unknown_team unknown_kind alias_cycle",
  "alias_shadows_model fallback_cycle duplicate_id tpr_over_tpm zero_weights literal_secret unset_reference",
  "forbidden_reference invalid_url forbidden_address bad_include no_price assert_failed",
].flatMap((line) => line.split(" "));

test("every error that compile can give has a case where it is the only answer", () => {
  const sure = new Set(cases.flatMap((one) => (one.expected.codes.length === 1 ? one.expected.codes : [])));
  expect([...sure].sort()).toEqual(codesOfCompile.toSorted());
});

test("mistakes of different sorts are all reported in one run, in file order", () => {
  const text = `version: 1
providers:
  openai: { kind: openai, limits: { rpm: "500", tpm: 1k, tpr: 2k }, colour: blue }
  openai: { kind: openai }
models:
  chat: { targets: [opnai/gpt-4o], failover: patient }
aliases: { fast: quick, quick: fast }
default_model: large
`;
  const files = [{ name: "routes.yaml", bytes: new TextEncoder().encode(text) }];
  const { diagnostics } = compile(files, { engine: "0.1.0", variables: {} });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ line, code }) => `${line} ${code}`)).toEqual([
    "3 wrong_type",
    "3 tpr_over_tpm",
    "3 unknown_key",
    "4 duplicate_key",
    "6 unknown_provider",
    "6 unknown_policy",
    "7 alias_cycle",
    "8 unknown_model",
  ]);
});

test("20,000 unknown keys are told without holding up what serves", () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join("\n");
  const text = `version: 1\nproviders: { p: { kind: simulated } }\nmodels: { m: { targets: [p/x] } }\n${keys}\n`;
  const files = [{ name: "routes.yaml", bytes: new TextEncoder().encode(text) }];
  const { diagnostics } = compile(files, { engine: "0.1.0", variables: {} });
  expect(diagnostics.filter(({ code }) => code === "unknown_key")).toHaveLength(20_000);
}, 8_000);
