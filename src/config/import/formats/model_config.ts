import { member, type Tree } from "../../tree.ts";
import { modelsIn, readModel, readProviders } from "../gateway_models.ts";
import type { Scope } from "../scope.ts";
import { readServer } from "../server.ts";
import { pick } from "../values.ts";

/** `api_provider` says how providers are reached, `model_config` which models there are, with limits, alias and enable. */
export function readModelConfig(tree: Tree, scope: Scope): void {
  const declared = readProviders(pick(tree, ["api_provider", "api_providers", "providers"])?.value, scope);
  const section = pick(tree, ["model_config", "model_configs", "models"])?.value;
  for (const item of modelsIn(section))
    readModel(item, { declared, provider: onlyOf(declared), vendorName: null }, scope);
  readServer(tree, scope);
  for (const name of ["server", "proxy", "auth", "gateway"]) readServer(member(tree, name)?.value, scope);
}

const onlyOf = (declared: ReturnType<typeof readProviders>): string | null =>
  declared.size === 1 ? ([...declared.values()][0]?.provider ?? null) : null;

/** Whether a file has that shape. */
export const isModelConfig = (tree: Tree): boolean =>
  pick(tree, ["api_provider", "api_providers", "model_config", "model_configs"]) !== null;
