import { member, type Tree } from "../../tree.ts";
import { modelsIn, readModel } from "../gateway_models.ts";
import type { Scope } from "../scope.ts";
import { readServer } from "../server.ts";
import { readService } from "../services.ts";

/** `models.openai`, `models.request` and so on list the models of one kind of provider; `auth.api_keys` who may call. */
export function readModelsByKind(tree: Tree, scope: Scope): void {
  const models = member(tree, "models")?.value;
  for (const { key: kind, value } of models?.kind === "mapping" ? models.entries : []) {
    for (const item of modelsIn(value)) {
      if (kind === "request") readService(item, scope);
      else readModel(item, { declared: new Map(), provider: null, vendorName: kind }, scope);
    }
  }
  for (const name of ["auth", "server", "proxy"]) readServer(member(tree, name)?.value, scope);
  readServer(tree, scope);
}

/** Whether a file has that shape. */
export const isModelsByKind = (tree: Tree): boolean => {
  const models = member(tree, "models")?.value;
  const isByKind =
    models?.kind === "mapping" && models.entries.some(({ value }) => value.kind === "sequence");
  const auth = member(tree, "auth")?.value;
  return isByKind || (auth !== undefined && member(auth, "api_keys") !== null);
};
