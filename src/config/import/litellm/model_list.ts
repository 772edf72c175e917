import { type Entry, type Mapping, member, type Tree } from "../../tree.ts";
import { modelOf } from "../draft.ts";
import { noteName } from "../gateway_models.ts";
import type { Scope } from "../scope.ts";
import { type Aim, providerFor, readTarget } from "../target.ts";
import { nameOf, pick, textOf } from "../values.ts";
import { vendorOf, vendorOfModel } from "../vendors.ts";

/** `model_list`: each entry is one deployment of a model; those of one name are its targets. */
export function readModelList(
  list: Tree | undefined,
  credentials: Tree | undefined,
  router: Tree | undefined,
  scope: Scope,
): void {
  if (list?.kind !== "sequence") return;
  const isWeighed =
    (textOf(pick(router, ["routing_strategy"])?.value) ?? "simple-shuffle") === "simple-shuffle";
  for (const item of list.items)
    if (item.kind === "mapping") readDeployment(item, credentials, isWeighed, scope);
}

function readDeployment(
  item: Mapping,
  credentials: Tree | undefined,
  isWeighed: boolean,
  scope: Scope,
): void {
  const { notes, draft, modelNames } = scope;
  const named = member(item, "model_name");
  const original = nameOf(named?.value);
  const params = member(item, "litellm_params")?.value;
  const written = params === undefined ? null : member(params, "model");
  const model = nameOf(written?.value);
  if (named === null || original === null || params?.kind !== "mapping" || written === null || model === null)
    return;
  if (/\*./.test(original) || /\*./.test(model) || (model.endsWith("*") && !original.endsWith("*"))) {
    notes.unsupported(
      item,
      "a * stands at the end of a name here, and in an upstream model only where the name has one",
    );
    return;
  }
  const holder = withCredential(params, credentials, scope);
  const aim = aimOf(holder, model, written, scope);
  if (aim === null) {
    notes.unsupported(item, "this deployment does not come over: its provider cannot");
    return;
  }
  const name = modelNames.of(original);
  const target = readTarget(together(holder, item), aim, `models.${name}.targets`, item, scope);
  const weight = target.weight ?? (isWeighed ? shareOf(target.limits) : null);
  modelOf(draft, name).targets.push({ ...target, weight });
  noteLimits(holder, item, isWeighed, scope);
  noteInfo(member(item, "model_info")?.value, scope);
  noteName({ name: original, named, holder: item, at: item }, name, original, scope);
}

/** `openai/gpt-4o`, or a bare name and `custom_llm_provider`, or a bare name alone. */
function aimOf(params: Tree, model: string, written: Entry, scope: Scope): Aim | null {
  const custom = pick(params, ["custom_llm_provider"]);
  const slash = model.indexOf("/");
  const head = slash === -1 ? "" : model.slice(0, slash);
  const said = nameOf(custom?.value);
  const isPrefixed = head !== "" && (said === null || said === head);
  const isKnown =
    said !== null ||
    (isPrefixed && (vendorOf(head) !== null || pick(params, ["api_base", "base_url"]) === null));
  const vendor = said ?? (isKnown ? head : vendorOfModel(model));
  const upstream = isPrefixed && isKnown ? model.slice(slash + 1) : model;
  if (upstream === "") return null;
  const provider = providerFor(params, vendor, written, scope);
  if (provider === null) return null;
  if (custom !== null) scope.notes.exact(custom, `providers.${provider}`);
  const where = `provider ${provider}, model ${upstream}`;
  if (isKnown) scope.notes.exact(written, where);
  else if (upstream === "*")
    scope.notes.approximated(
      written,
      `${where}: LiteLLM finds the provider in the name that is asked for, here all go to ${provider}`,
    );
  else scope.notes.approximated(written, `${where}: the provider is guessed from the name`);
  return { provider, upstream };
}

/** What `litellm_credential_name` refers to counts as if it stood here. */
function withCredential(params: Mapping, credentials: Tree | undefined, { notes }: Scope): Mapping {
  const named = member(params, "litellm_credential_name");
  const name = textOf(named?.value);
  if (named === null || name === null || credentials?.kind !== "sequence") return params;
  const credential = credentials.items.find(
    (each) => textOf(member(each, "credential_name")?.value) === name,
  );
  const values = credential === undefined ? undefined : member(credential, "credential_values")?.value;
  const label = credential === undefined ? null : member(credential, "credential_name");
  if (values?.kind !== "mapping" || label === null) {
    notes.unsupported(named, "there is no credential of this name");
    return params;
  }
  notes.exact(named, "the credential's values, in place");
  notes.exact(label, "part of each provider that names it");
  return { ...params, entries: [...params.entries, ...values.entries] };
}

/** `tpm`, `rpm` and `model_info` may stand beside `litellm_params` too. */
const together = (params: Mapping, { entries }: Mapping): Mapping => ({
  ...params,
  entries: [
    ...params.entries,
    ...entries.filter(({ key }) => key !== "model_name" && key !== "litellm_params"),
  ],
});

/** Under the default strategy LiteLLM takes limits for weights only. */
function noteLimits(params: Tree, item: Tree, isWeighed: boolean, { notes }: Scope): void {
  if (!isWeighed) return;
  for (const limit of ["rpm", "tpm"] as const) {
    const entry = pick(params, [limit]) ?? pick(item, [limit]);
    if (entry !== null && Number(textOf(entry.value)) > 0)
      notes.approximated(
        entry,
        `limits.${limit} of the target, and its weight: under simple-shuffle LiteLLM only weighs by it, here it also holds`,
      );
  }
}

const shareOf = (limits: { readonly [limit: string]: unknown }): number | null => {
  const share = limits["rpm"] ?? limits["tpm"];
  return typeof share === "number" ? share : null;
};

/** What a model can do is not written down here: it is tried. */
function noteInfo(info: Tree | undefined, { notes }: Scope): void {
  if (info?.kind !== "mapping") return;
  for (const entry of info.entries) {
    if (entry.key === "mode")
      notes.exact(entry, "nothing: a model serves every endpoint that its provider has");
    else if (entry.key === "id") notes.exact(entry, "nothing: a target is known by its provider and model");
  }
}
