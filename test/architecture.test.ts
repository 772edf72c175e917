import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** From left to right: a file imports from its own folder and from groups further right. Folders of a group do not see each other. */
const order = [
  ["http", "cli", "admin"],
  ["rollout"],
  ["simulate"],
  ["gateway", "metrics", "logs", "telemetry"],
  ["config"],
  ["routing"],
  ["limits", "resilience", "providers"],
  ["domain"],
  ["openai"],
  // The seam to the platform may use the words of core, never the other way round.
  ["runtime"],
  ["core"],
] as const;

/** Folders without effects: the clock, chance, the network and the environment reach them as arguments. */
const pure = ["core", "openai", "domain", "limits", "resilience", "providers", "routing"];

const effects: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["fetch", /(?<![.\w])fetch\s*\(/],
  ["Date.now", /\bDate\.now\b/],
  ["new Date()", /\bnew Date\(\s*\)/],
  ["performance.now", /\bperformance\.now\b/],
  ["Math.random", /\bMath\.random\b/],
  ["crypto's randomness", /\b(randomUUID|getRandomValues)\b/],
  ["setTimeout", /\bset(Timeout|Interval|Immediate)\b/],
  ["process.env", /\bprocess\s*\./],
  ["Bun", /\bBun\s*\./],
  ["node: or bun:", /["'](node|bun):/],
];

const root = path.join(import.meta.dir, "..");
/** With imports of types left out, as the platform loads the file; what it adds for JSX is nobody's import. */
const scan = (file: string, text: string) =>
  new Bun.Transpiler({ loader: file.endsWith("x") ? "tsx" : "ts" })
    .scanImports(text)
    .filter(({ path: specifier }) => !/^react(\/jsx-(dev-)?runtime)?$/.test(specifier));

interface Source {
  /** Path from the project's root, with forward slashes. */
  readonly file: string;
  /** The first folder below `src`, or "" for the files beside the folders: they put the product together. */
  readonly folder: string;
  readonly text: string;
  /** The text without its comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") || name.endsWith(".tsx"))
  .map((name) => read(name.split(path.sep).join("/")));

function read(name: string): Source {
  const text = readFileSync(path.join(root, "src", name), "utf8");
  const code = withoutComments(text);
  const folder = name.includes("/") ? (name.split("/")[0] ?? "") : "";
  return { file: `src/${name}`, folder, text, code, imports: importsIn(code) };
}

/** Blanks comments, and leaves strings alone: a `//` inside a URL is no comment. */
function withoutComments(text: string): string {
  const token =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*(?=[.,;)\s])|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) =>
    found.startsWith("//") || found.startsWith("/*") ? found.replace(/[^\n]/g, " ") : found,
  );
}

/** Every module named by `import`, `import type`, `export … from` and `import()`. */
function importsIn(code: string): string[] {
  const fromClause = /(?:^|[\n;])\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/g;
  const bare = /(?:^|[\n;])\s*import\s*["']([^"']+)["']/g;
  const dynamic = /\bimport\s*\(\s*["']([^"']+)["']/g;
  return [fromClause, bare, dynamic].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((found) => found[1] ?? ""),
  );
}

function folderOf(source: Source, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  const target = path.posix.join(path.posix.dirname(source.file), specifier);
  const parts = target.split("/");
  if (parts[0] !== "src") return `outside src (${target})`;
  return parts.length > 2 ? (parts[1] ?? "") : "";
}

const rank = (folder: string) => order.findIndex((group) => group.some((name) => name === folder));

const where = (filter: (source: Source) => boolean) => sources.filter(filter).map((source) => source.file);

describe("architecture", () => {
  test("every folder of src has its place in the order", () => {
    const folders = new Set(sources.map((source) => source.folder).filter((folder) => folder !== ""));
    expect([...folders].filter((folder) => rank(folder) === -1)).toEqual([]);
  });

  test("imports point to the right only", () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((specifier) => {
        const folder = folderOf(source, specifier);
        if (folder === null || source.folder === "" || folder === source.folder) return [];
        if (source.folder === "cli" && folder === "") return []; // `serve` starts what server.ts has put together
        return rank(folder) > rank(source.folder) ? [] : [`${source.file} imports ${specifier}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("the imports that Bun sees are among those this test sees", () => {
    const missed = sources.flatMap((source) =>
      scan(source.file, source.text)
        .filter(({ path: specifier }) => !source.imports.includes(specifier))
        .map(({ path: specifier }) => `${source.file}: ${specifier}`),
    );
    expect(missed).toEqual([]);
  });

  test("relative imports carry .ts and exist", () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((specifier) => specifier.startsWith("."))
        .filter((specifier) => !existsSync(path.join(root, path.dirname(source.file), specifier)))
        .map((specifier) => `${source.file} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test.each(effects)("%s is in no pure folder", (_, pattern) => {
    expect(where(({ folder, code }) => pure.includes(folder) && pattern.test(code))).toEqual([]);
  });

  test("pure folders take nothing but types from runtime", () => {
    const wrong = sources.filter(
      ({ file, folder, text }) =>
        pure.includes(folder) &&
        scan(file, text).some(({ path: specifier }) => specifier.includes("/runtime/")),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test("the admin page takes nothing from the gateway that a browser does not have", () => {
    const byFile = new Map(sources.map((source) => [source.file, source]));
    const reached = new Set<string>();
    const reach = (source: Source): void => {
      reached.add(source.file);
      for (const { path: specifier } of scan(source.file, source.text)) {
        const next = byFile.get(path.posix.join(path.posix.dirname(source.file), specifier));
        if (next !== undefined && !reached.has(next.file)) reach(next);
      }
    };
    for (const source of sources) if (source.folder === "admin") reach(source);
    expect(reached.size).toBeGreaterThan(20);
    const wrong = sources.filter(
      ({ file, code }) => reached.has(file) && /["'](node|bun):|\bBun\s*\.|\bprocess\s*\./.test(code),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test("only runtime names Bun", () => {
    const names = /(?<![.\w])Bun\s*\.|["']bun(:\w+)?["']/;
    expect(where(({ folder, code }) => folder !== "runtime" && names.test(code))).toEqual([]);
  });

  test("only http knows Elysia", () => {
    const elysia = (specifier: string) => specifier === "elysia" || specifier.startsWith("@elysiajs/");
    expect(where(({ folder, imports }) => folder !== "http" && imports.some(elysia))).toEqual([]);
  });

  test("no file is longer than 300 lines", () => {
    expect(where(({ text }) => text.trimEnd().split("\n").length > 300)).toEqual([]);
  });

  test("nothing is typed any", () => {
    const any = /(:\s*|\bas\s+|<|\|\s*|,\s*)any\b(?!["'`\s]*:)\s*[;,)>\]|={[]/;
    expect(where(({ code }) => any.test(code))).toEqual([]);
  });

  test("nothing is exported as default", () => {
    expect(where(({ code }) => /^export default\b/m.test(code))).toEqual([]);
  });

  test("only commands write to the console", () => {
    const allowed = ({ folder, file }: Source) => folder === "cli" || file === "src/index.ts";
    expect(where((source) => !allowed(source) && /\bconsole\s*\./.test(source.code))).toEqual([]);
  });
});

describe("the guides", () => {
  const guides = ["README.md", ".github/CONTRIBUTING.md"];

  test.each(guides)("every path that %s names exists", (guide) => {
    const text = readFileSync(path.join(root, guide), "utf8");
    const named = [...text.matchAll(/`((?:src|scripts|schemas|test|\.github|\.ci)\/[\w./-]*)`/g)].map(
      ([, name]) => name ?? "",
    );
    const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, name]) =>
      path.posix.join(path.posix.dirname(guide), name ?? ""),
    );
    expect(named.length + linked.length).toBeGreaterThan(0);
    expect([...named, ...linked].filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  test("CONTRIBUTING maps every folder of src", () => {
    const text = readFileSync(path.join(root, ".github/CONTRIBUTING.md"), "utf8");
    const folders = [...new Set(sources.map((source) => source.folder))].filter((folder) => folder !== "");
    expect(folders.filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
  });
});
