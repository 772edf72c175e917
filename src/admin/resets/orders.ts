import type { Order } from "../parts/order.tsx";
import type { Endpoint } from "../routes/board.ts";

const path = "/admin/api/reset";

/** Closes the circuit of a provider's model. */
export const resetOfCircuit = ({ provider, model }: Pick<Endpoint, "provider" | "model">): Order => ({
  title: `Reset the circuit of ${provider}/${model}`,
  says: "It closes: requests go there again at once, until new failures open it.",
  path,
  body: { kind: "circuit", provider, model },
  act: "Reset",
});

/** A limit or budget as `/admin/api/limits` names it. */
export interface LimitName {
  readonly scope: string;
  readonly name: string;
  readonly limit: string;
  readonly says: string;
}

/** Forgets what counts against a limit. */
export const resetOfLimit = ({ scope, name, limit, says }: LimitName): Order => ({
  title: `Reset the ${says} of ${scope.replace("_", " ")} ${name}`,
  says: "They count from zero again. Requests under way go on, and what they take is not counted any more.",
  path,
  body: { kind: "limit", scope, name, limit },
  act: "Reset",
});

/** Why a limit cannot be reset now; null: it can. */
export function notToBeReset({ limit, used }: Pick<LimitName, "limit"> & { readonly used: number }) {
  if (limit === "concurrency") return "under way: it ends by itself";
  return used === 0 ? "nothing to reset" : null;
}
