import { settings } from "../../../domain/settings.ts";
import type { Entry, Mapping, Spot } from "../../tree.ts";
import { addClient } from "../clients.ts";
import { modelOf } from "../draft.ts";
import type { Scope } from "../scope.ts";
import { providerFor } from "../target.ts";
import { nameOf, textOf } from "../values.ts";
import { isAzure, vendorsByVariable } from "../vendors.ts";

/** A .env as a mapping of texts. A value may be quoted, and go on over lines then; `export` may stand before a name. */
export function readEnvFile(file: string, text: string): Mapping {
  const entries: Entry[] = [];
  const assignment =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|[^\n]*)[^\n]*$/gm;
  for (const found of text.replaceAll("\r\n", "\n").matchAll(assignment)) {
    const [whole, name = "", written = ""] = found;
    const line = text.replaceAll("\r\n", "\n").slice(0, found.index).split("\n").length + leadingLines(whole);
    const end_line = line + whole.trimStart().split("\n").length - 1;
    const at: Spot = { file, path: `/${name}`, line, column: 1, end_line, end_column: whole.length + 1 };
    const value = unquoted(written);
    entries.push({ key: name, keyAt: at, value: { kind: "scalar", at, value } });
  }
  const at: Spot = { file, path: "", line: 1, column: 1, end_line: 1, end_column: 1 };
  return { kind: "mapping", at, entries };
}

const leadingLines = (whole: string): number => (/^\s*/.exec(whole)?.[0] ?? "").split("\n").length - 1;

function unquoted(written: string): string {
  const quote = written[0] ?? "";
  if (/["'`]/.test(quote) && written.length > 1 && written.endsWith(quote)) {
    const inside = written.slice(1, -1);
    return quote === '"' ? inside.replaceAll("\\n", "\n").replaceAll('\\"', '"') : inside;
  }
  return written.replace(/\s+#.*$/, "").trim();
}

/** Whether a text is lines of NAME=value. */
export const isEnvFile = (text: string): boolean => {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(#|$)/.test(line));
  return lines.length > 0 && lines.every((line) => /^\s*(export\s+)?[A-Za-z_][\w.-]*\s*=/.test(line));
};

const addressEndings = ["_BASE_URL", "_API_BASE", "_BASE", "_API_URL", "_ENDPOINT", "_URL"];

/** Providers whose keys are there, one pattern each; and the models that are named. */
export function readEnv(tree: Mapping, scope: Scope): void {
  const { draft, notes } = scope;
  const entryOf = new Map(tree.entries.map((entry) => [entry.key, entry]));
  const found = tree.entries.flatMap((entry) => {
    const vendor = vendorOfVariable(entry.key);
    return vendor === null || textOf(entry.value) === null ? [] : [{ entry, vendor }];
  });
  for (const { entry, vendor } of found) readVendor(entry, vendor, entryOf, scope);
  const [first] = draft.models.keys();
  const names = [...draft.providers.keys()];
  if (names.length === 1 && first !== undefined && first.endsWith("/*"))
    modelOf(draft, "*").targets.push(...(draft.models.get(first)?.targets ?? []));

  for (const entry of tree.entries) noteOther(entry, scope);
  const master = entryOf.get("LITELLM_MASTER_KEY") ?? entryOf.get("MASTER_KEY");
  if (master !== undefined)
    addClient(
      { id: "master", text: `env:${master.key}`, at: master, line: master.keyAt.line, role: "admin" },
      scope,
    );
  for (const name of ["LITELLM_MODEL", "LITELLM_DEFAULT_MODEL", "DEFAULT_MODEL"])
    readModelName(entryOf.get(name), scope);
  void notes;
}

function vendorOfVariable(name: string): string | null {
  const alias: Readonly<Record<string, string>> = {
    AZURE_OPENAI_API_KEY: "azure",
    AZURE_OPENAI_KEY: "azure",
    GOOGLE_API_KEY: "gemini",
    GOOGLE_GENERATIVE_AI_API_KEY: "gemini",
    DASHSCOPE_KEY: "qwen",
    QWEN_API_KEY: "qwen",
    LITELLM_API_KEY: "litellm_proxy",
  };
  return alias[name] ?? vendorsByVariable.get(name) ?? null;
}

const modelEndings = [
  "_MODEL",
  "_MODEL_NAME",
  "_API_MODEL",
  "_DEFAULT_MODEL",
  "_DEPLOYMENT_NAME",
  "_DEPLOYMENT",
];

/** One provider, from its key and what stands beside it under the same beginning. */
function readVendor(entry: Entry, vendor: string, entryOf: ReadonlyMap<string, Entry>, scope: Scope): void {
  const { draft, notes, modelNames } = scope;
  const starts = vendor === "azure" ? ["AZURE_OPENAI", "AZURE"] : [entry.key.replace(/_(API_)?KEY$/, "")];
  const beside = (endings: readonly string[]): Entry | undefined =>
    starts
      .flatMap((start) => endings.map((ending) => entryOf.get(start + ending)))
      .find((each) => each !== undefined && textOf(each.value) !== "");
  const fields: readonly (readonly [field: string, entry: Entry | undefined])[] = [
    ["api_key", { ...entry, value: { ...entry.value, kind: "scalar", value: `env:${entry.key}` } }],
    ["base_url", beside(addressEndings)],
    ["api_version", beside(["_API_VERSION"])],
    ["organization", beside(["_ORGANIZATION", "_ORG_ID", "_ORG"])],
  ];
  if (isAzure(vendor) && beside(addressEndings) === undefined) {
    notes.unsupported(entry, "Azure is reached at an address of one's own, and none stands here");
    return;
  }
  const entries = fields.flatMap(([key, held]) => (held === undefined ? [] : [{ ...held, key }]));
  const provider = providerFor({ kind: "mapping", at: entry.value.at, entries }, vendor, entry, scope);
  if (provider === null) return;
  modelOf(draft, `${provider}/*`).targets.push(plainTarget(provider, "*", entry));
  const named = beside(modelEndings);
  const upstream = nameOf(named?.value);
  if (named === undefined || upstream === null) return;
  const name = modelNames.of(upstream);
  modelOf(draft, name).targets.push(plainTarget(provider, upstream, named));
  draft.sections["default_model"] ??= name;
  notes.exact(named, `models.${name}, and default_model`);
}

const plainTarget = (provider: string, model: string, at: Entry) => ({
  provider,
  model,
  order: null,
  weight: null,
  enabled: true,
  limits: {},
  defaults: {},
  timeouts: {},
  at,
});

/** `provider/model`, or a name that a model bears already. */
function readModelName(entry: Entry | undefined, scope: Scope): void {
  const { draft, notes, modelNames } = scope;
  const text = textOf(entry?.value) ?? "";
  if (entry === undefined || text === "") return;
  const [head = "", ...rest] = text.split("/");
  const [only] = draft.providers.keys();
  const provider = draft.providers.has(head) ? head : only;
  if (provider === undefined) return;
  const upstream = draft.providers.has(head) ? rest.join("/") : text;
  const name = modelNames.of(upstream);
  if (!draft.models.has(name)) modelOf(draft, name).targets.push(plainTarget(provider, upstream, entry));
  draft.sections["default_model"] = name;
  notes.exact(entry, `models.${name}, and default_model`);
}

/** What is a setting of ours too goes on to work; the rest belongs to another program. */
function noteOther(entry: Entry, { notes }: Scope): void {
  if (Object.hasOwn(settings, entry.key)) notes.exact(entry, `the setting ${entry.key}, if its value fits`);
  else if (entry.key === "LITELLM_LOG") notes.approximated(entry, "set LOG_LEVEL instead");
}
