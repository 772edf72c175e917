import { member, type Tree } from "../tree.ts";
import type { Place } from "./finding.ts";
import { readGeneral } from "./litellm/general_settings.ts";
import { readModelList } from "./litellm/model_list.ts";
import { readRouting } from "./litellm/router_settings.ts";
import type { Scope } from "./scope.ts";

/** LiteLLM's proxy configuration (https://docs.litellm.ai/docs/proxy/config_settings). */
export function readLitellm(tree: Tree, scope: Scope): void {
  const section = (name: string) => member(tree, name)?.value;
  readModelList(section("model_list"), section("credential_list"), section("router_settings"), scope);
  readRouting(section("router_settings"), section("litellm_settings"), scope);
  readGeneral(section("general_settings"), scope);
  readEnvironment(section("environment_variables"), scope);
}

/** Variables belong into the environment; a value that stands in the file is not copied. */
function readEnvironment(section: Tree | undefined, { notes }: Scope): void {
  if (section?.kind !== "mapping") return;
  for (const entry of section.entries)
    notes.approximated(entry, `set ${entry.key} in the environment of the gateway; its value is not copied`);
}

/** Whether a file has the shape of LiteLLM's. */
export const isLitellm = (tree: Tree): boolean =>
  ["model_list", "litellm_settings", "router_settings", "general_settings"].some(
    (key) => member(tree, key) !== null,
  );

/** The files that LiteLLM merges into this one, relative to it. */
export function includesOf(tree: Tree): readonly { readonly path: string; readonly at: Place }[] {
  const section = member(tree, "include")?.value;
  const items = section?.kind === "sequence" ? section.items : [];
  return items.flatMap((at) =>
    at.kind === "scalar" && typeof at.value === "string" ? [{ path: at.value, at }] : [],
  );
}
