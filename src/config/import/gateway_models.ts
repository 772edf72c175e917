import type { Mapping, Tree } from "../tree.ts";
import { addressSpellings } from "./connection.ts";
import { keySpellings } from "./credentials.ts";
import { modelOf, present } from "./draft.ts";
import { type Item, itemsOf, together } from "./items.ts";
import { readLimits } from "./limits.ts";
import { readParams } from "./params.ts";
import type { Scope } from "./scope.ts";
import { providerFor, readSwitch, readTarget, readTimeouts } from "./target.ts";
import { nameOf, pick, textsOf } from "./values.ts";
import { vendorOf, vendorOfModel } from "./vendors.ts";

/** Providers that a file declares by themselves, by the names that it has for them, in lower case. */
export type Declared = ReadonlyMap<
  string,
  { readonly provider: string; readonly vendorName: string; readonly holder: Mapping }
>;

const providerSpellings = ["api_provider", "provider", "provider_name", "api_provider_name"];
const upstreamSpellings = [
  "model",
  "model_id",
  "real_model",
  "real_name",
  "upstream_model",
  "upstream",
  "deployment",
  "deployment_name",
  "model_name",
];
const nameSpellings = ["name", "public_name", "model_name", "id", "model"];
const configSpellings = ["model_config", "config"];
const modelSpellings = ["model_config", "model_configs", "models", "model_list"];

/** Declares the providers of a section, and reads the models that stand within them. */
export function readProviders(section: Tree | undefined, scope: Scope): Declared {
  const declared = new Map<string, { provider: string; vendorName: string; holder: Mapping }>();
  for (const item of itemsOf(section, ["name", "id", "provider"], [...keySpellings, ...addressSpellings])) {
    const one = declare(item, scope);
    if (one !== null) declared.set((item.name ?? "").toLowerCase(), one);
  }
  for (const { provider, holder } of declared.values()) {
    for (const item of modelsIn(pick(holder, modelSpellings)?.value))
      readModel(item, { declared, provider, vendorName: null }, scope);
  }
  return declared;
}

function declare({ name, named, holder, at }: Item, scope: Scope) {
  const { notes, draft } = scope;
  const type = pick(holder, ["type", "kind", "api_type", "provider_type", "format"]);
  const said = nameOf(type?.value);
  const label = name ?? said;
  if (label === null) return null;
  const vendorName = vendorOf(label) === null && said !== null ? said : label;
  const provider = providerFor(holder, vendorName, at, scope, label);
  if (provider === null) return null;
  if (type !== null) notes.exact(type, `providers.${provider}.kind`);
  if (named !== null && name === provider) notes.exact(named, `providers.${provider}`);
  else if (label !== provider)
    notes.renamed(named ?? at, `providers.${provider}: names have letters, digits and . _ - here`);
  const known = draft.providers.get(provider);
  const where = `providers.${provider}`;
  const more = present({
    enabled: readSwitch(holder, where, scope) ? undefined : false,
    limits: readLimits(holder, where, notes),
    defaults: readParams(holder, where, notes),
    timeouts: readTimeouts(holder, where, scope),
  });
  if (known !== undefined) draft.providers.set(provider, { ...known, fields: { ...known.fields, ...more } });
  if (holder.entries.length === 0) notes.exact(at, where);
  return { provider, vendorName, holder };
}

/** The models of a section. */
export const modelsIn = (section: Tree | undefined): readonly Item[] =>
  itemsOf(section, nameSpellings, ["name", "model", "model_name"]);

/** Whom a model goes to when it does not say so itself. */
export interface Usual {
  readonly declared: Declared;
  readonly provider: string | null;
  readonly vendorName: string | null;
}

/** One model of another gateway: its name, its provider, its upstream model, other names, and everything else. */
export function readModel(item: Item, usual: Usual, scope: Scope): void {
  const { notes, draft, modelNames } = scope;
  const holder = together(item.holder, ...configSpellings.map((each) => pick(item.holder, [each])?.value));
  const named = item.named ?? (item.name === null ? pick(holder, nameSpellings) : null);
  const original = item.name ?? nameOf(named?.value);
  if (original === null) return;
  const name = modelNames.of(original);
  const written = pick(
    holder,
    upstreamSpellings.filter((each) => named === null || pick(holder, [each]) !== named),
  );
  const upstream = nameOf(written?.value) ?? original;
  if (/\*./.test(upstream) || (upstream.endsWith("*") && !name.endsWith("*"))) {
    notes.unsupported(item.at, "an upstream model ends in * only where the name of the model does");
    return;
  }
  const provider = providerOf(holder, item, usual, upstream, scope);
  if (provider === null) {
    notes.unsupported(item.at, "this model does not come over: its provider cannot");
    return;
  }
  const target = readTarget(
    holder,
    { provider, upstream: withoutPrefix(upstream, provider) },
    `models.${name}.targets`,
    item.at,
    scope,
  );
  modelOf(draft, name).targets.push(target);
  if (written !== null) notes.exact(written, `provider ${provider}, model ${upstream}`);
  noteName({ ...item, named }, name, original, scope);
  readAliases(holder, name, scope);
}

/** Other names of a model. */
export function readAliases(holder: Mapping, name: string, { notes, draft, modelNames }: Scope): void {
  for (const { text, at } of textsOf(pick(holder, ["alias", "aliases"])?.value)) {
    const alias = modelNames.of(text);
    if (alias === name) notes.exact(at, `models.${name}`);
    else {
      draft.aliases.push({ name: alias, to: name, at });
      if (alias === text) notes.exact(at, `aliases.${alias}`);
      else notes.approximated(at, `aliases.${alias}: the name has signs that are not possible here`);
    }
  }
}

/** Says what a model is called now, at the field or the key that names it. */
export function noteName(
  { named, at, holder }: Item,
  name: string,
  original: string,
  { notes }: Scope,
): void {
  const differs = `models.${name}: the name has signs that are not possible here, so clients must use this one`;
  if (named !== null) {
    if (name === original) notes.exact(named, `models.${name}`);
    else notes.approximated(named, differs);
    return;
  }
  if (holder.entries.length === 0) notes.exact(at, `models.${name}`);
  if (name !== original) notes.renamed(at, differs);
}

/** The provider that a model names, with what it says itself; else the usual one. */
function providerOf(
  holder: Mapping,
  item: Item,
  usual: Usual,
  upstream: string,
  scope: Scope,
): string | null {
  const entry = pick(holder, providerSpellings);
  if (entry !== null && entry.value.kind === "mapping") {
    const [inline] = itemsOf(
      entry.value,
      ["name", "type", "kind"],
      [...keySpellings, ...addressSpellings, "name"],
    );
    return inline === undefined ? null : (declare(inline, scope)?.provider ?? null);
  }
  const said = nameOf(entry?.value);
  const hasOwn = pick(holder, [...keySpellings, ...addressSpellings]) !== null;
  const known = said === null ? undefined : usual.declared.get(said.toLowerCase());
  if (known !== undefined && !hasOwn) {
    if (entry !== null) scope.notes.exact(entry, `providers.${known.provider}`);
    return known.provider;
  }
  if (said === null && usual.provider !== null && !hasOwn) return usual.provider;
  const vendorName =
    known?.vendorName ?? said ?? usual.vendorName ?? prefixOf(upstream) ?? vendorOfModel(upstream);
  const provider = providerFor(together(holder, known?.holder), vendorName, entry ?? item.at, scope);
  if (provider === null) return null;
  if (entry !== null) scope.notes.exact(entry, `providers.${provider}`);
  return provider;
}

const prefixOf = (model: string): string | null => {
  const head = model.split("/")[0] ?? "";
  return model.includes("/") && vendorOf(head) !== null ? head : null;
};

/** `openai/gpt-4o` at the provider openai is its model gpt-4o. */
const withoutPrefix = (model: string, provider: string): string =>
  prefixOf(model) !== null && model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model;
