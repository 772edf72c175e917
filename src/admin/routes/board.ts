import type { Disableable } from "../../domain/route.ts";
import type { Condition } from "../../gateway/condition.ts";
import type { EndpointHealth } from "../../resilience/health.ts";
import type { Graph, GraphModel, GraphTarget } from "../../routing/graph.ts";

/** The answer of `/admin/api/routes`. */
export interface Board extends Graph {
  readonly generation: number;
  readonly digest: string;
  /** The ids of the keys of the file. */
  readonly keys: readonly string[];
  /** What people have taken away without the file. */
  readonly disabled: readonly (Disableable & { readonly until: string | null; readonly reason: string })[];
  readonly providers: readonly Condition[];
  readonly endpoints: readonly Endpoint[];
}

/** A provider's model that was called; one for each credential. */
export interface Endpoint {
  readonly provider: string;
  readonly model: string;
  readonly circuit: EndpointHealth["circuit"];
  readonly latency_ms: number | null;
}

/** How something is doing, in a word that says more than a colour. */
export interface Sign {
  readonly state: "good" | "warn" | "bad" | "calm";
  readonly says: string;
}

/** Whether a target could answer now, and else why not: what people did, the provider, then its circuit. */
export function conditionOf(board: Board, target: Pick<GraphTarget, "provider" | "model" | "enabled">): Sign {
  const name = `${target.provider}/${target.model}`;
  if (!target.enabled) return { state: "calm", says: "off in the file" };
  if (isDisabled(board, "target", name)) return { state: "bad", says: "disabled by hand" };
  const reason = board.providers.find(({ provider }) => provider === target.provider)?.reason ?? null;
  if (reason !== null && reason !== "circuit_open") return { state: "bad", says: reasons[reason] };
  const circuits = endpointsOf(board, target).map(({ circuit }) => circuit);
  if (circuits.length === 0) return { state: "good", says: "not called yet" };
  if (circuits.every((circuit) => circuit === "open")) return { state: "bad", says: "circuit open" };
  if (circuits.includes("open")) return { state: "warn", says: "circuit open for some keys" };
  if (circuits.includes("half_open")) return { state: "warn", says: "circuit half open" };
  return { state: "good", says: "works" };
}

/** Of a model: whether some target, or all, are out. */
export function conditionOfModel(board: Board, model: GraphModel): Sign {
  if (!model.enabled) return { state: "calm", says: "off in the file" };
  if (isDisabled(board, "model", model.name)) return { state: "bad", says: "disabled by hand" };
  const states = model.targets.map((target) => conditionOf(board, target).state);
  const usable = states.filter((state) => state === "good" || state === "warn").length;
  const meant = states.filter((state) => state !== "calm").length;
  if (usable === 0) return { state: "bad", says: "no target answers" };
  if (usable < meant) return { state: "warn", says: `${usable} of ${meant} targets answer` };
  return { state: "good", says: meant === 1 ? "its target answers" : `all ${meant} targets answer` };
}

/** Of a provider, in words. */
export function conditionOfProvider({ providers }: Board, name: string): Sign {
  const found = providers.find(({ provider }) => provider === name);
  if (found === undefined || found.reason === null) return { state: "good", says: "healthy" };
  return { state: found.reason === "disabled" ? "calm" : "bad", says: reasons[found.reason] };
}

const reasons: Readonly<Record<NonNullable<Condition["reason"]>, string>> = {
  disabled: "disabled",
  not_configured: "key not set",
  set_aside: "set aside",
  circuit_open: "circuit open",
};

/** How long the first output takes on average; null where nobody has asked lately. */
export function latencyOf(board: Board, target: Pick<GraphTarget, "provider" | "model">): number | null {
  const known = endpointsOf(board, target).flatMap(({ latency_ms }) => latency_ms ?? []);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0) / known.length;
}

/** A pattern stands for all that it was filled with. */
const endpointsOf = ({ endpoints }: Board, { provider, model }: Pick<GraphTarget, "provider" | "model">) =>
  endpoints.filter(
    (endpoint) =>
      endpoint.provider === provider &&
      (model.endsWith("*") ? endpoint.model.startsWith(model.slice(0, -1)) : endpoint.model === model),
  );

const isDisabled = ({ disabled }: Board, kind: Disableable["kind"], name: string): boolean =>
  disabled.some((each) => each.kind === kind && each.name === name);
