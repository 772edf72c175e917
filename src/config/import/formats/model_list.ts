import { member, type Tree } from "../../tree.ts";
import { modelsIn, readModel, readProviders } from "../gateway_models.ts";
import type { Scope } from "../scope.ts";
import { readServer } from "../server.ts";
import { pick } from "../values.ts";

/** `models` lists models with provider, model_name and default_params; `proxy` says how the server behaves. */
export function readModelsAndProxy(tree: Tree, scope: Scope): void {
  const declared = readProviders(pick(tree, ["providers", "provider"])?.value, scope);
  for (const item of modelsIn(member(tree, "models")?.value))
    readModel(item, { declared, provider: null, vendorName: null }, scope);
  const proxy = member(tree, "proxy");
  if (proxy?.value.kind === "scalar") scope.notes.approximated(proxy, "set HTTPS_PROXY in the environment");
  for (const name of ["proxy", "server", "auth"]) readServer(member(tree, name)?.value, scope);
  readServer(tree, scope);
}

/** Whether a file has that shape. */
export const isModelsAndProxy = (tree: Tree): boolean => {
  const models = member(tree, "models")?.value;
  return member(tree, "proxy") !== null || models?.kind === "sequence";
};
