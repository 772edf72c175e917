import type { Endpoint } from "../domain/endpoint.ts";
import type { Model, Params, Target } from "../domain/snapshot.ts";
import { hasMeaning } from "../openai/parameters.ts";

/** The request's fields as they go to one target, and what had to be changed on the way. */
export interface Effective {
  readonly params: Params;
  readonly warnings: readonly string[];
}

/**
 * Parameters, strongest first: overrides of the asked model, the serving model and the provider; the request; defaults of
 * the target, the serving model and the provider. Per top-level name, never deeply. `null` in a request is silent, in an
 * override it removes. The asked model's `max` lowers what is larger and adds nothing. What the file sets for one endpoint
 * does not reach another that knows nothing of it: a `temperature` must not break the embeddings of the same provider.
 */
export function effectiveParams(
  asked: Model,
  serving: Model,
  target: Target,
  request: Params,
  endpoint: Endpoint,
): Effective {
  if (leavesAlone(asked, serving, target) && !Object.values(request).includes(null))
    return { params: request, warnings: [] };
  const merged = new Map<string, unknown>();
  for (const defaults of [target.provider.defaults, serving.defaults, target.defaults])
    put(merged, defaults, endpoint);
  put(merged, request, null);
  const warnings = clamp(merged, asked.max);
  for (const overrides of [target.provider.overrides, serving.overrides, asked.overrides]) {
    for (const [name, value] of Object.entries(overrides)) {
      if (value !== null && !hasMeaning(endpoint, name, value)) continue;
      drop(merged, name);
      if (value !== null) merged.set(name, value);
    }
  }
  return { params: Object.fromEntries(merged), warnings };
}

/** Whether the file has nothing to say about any parameter on this way. */
const leavesAlone = (asked: Model, serving: Model, { provider, defaults }: Target): boolean =>
  [
    asked.max,
    asked.overrides,
    serving.overrides,
    serving.defaults,
    provider.overrides,
    provider.defaults,
    defaults,
  ].every(isEmpty);

function isEmpty(fields: Params): boolean {
  for (const _ in fields) return false;
  return true;
}

/** What bounds one answer in tokens; null when nothing does. `requested` is the request's own bound. */
export function effectiveMaxTokens(
  asked: Model,
  serving: Model,
  target: Target,
  requested: number | null,
): number | null {
  for (const { overrides } of [asked, serving, target.provider]) {
    const forced = boundIn(overrides);
    if (forced !== undefined) return forced;
  }
  const defaulted = () =>
    boundIn(target.defaults) ?? boundIn(serving.defaults) ?? boundIn(target.provider.defaults);
  const bound = requested ?? defaulted() ?? null;
  const most = boundIn(asked.max) ?? null;
  return bound === null || most === null ? bound : Math.min(bound, most);
}

/** Undefined where the fields say nothing of it. */
function boundIn(fields: Params): number | null | undefined {
  const bound = fields["max_tokens"] === undefined ? fields["max_completion_tokens"] : fields["max_tokens"];
  if (bound === undefined) return undefined;
  return typeof bound === "number" ? bound : null;
}

/** Two names of one parameter: whoever sets either has spoken about both. */
const synonyms: Readonly<Record<string, string>> = {
  max_tokens: "max_completion_tokens",
  max_completion_tokens: "max_tokens",
};

/** Sets what is spoken; with an endpoint, only what has a meaning there. */
function put(merged: Map<string, unknown>, stronger: Params, endpoint: Endpoint | null): void {
  const names = Object.keys(stronger).filter(
    (name) => isSpoken(stronger[name]) && (endpoint === null || hasMeaning(endpoint, name, stronger[name])),
  );
  for (const name of names) drop(merged, name);
  for (const name of names) merged.set(name, stronger[name]);
}

const isSpoken = (value: unknown): boolean => value !== null && value !== undefined;

function drop(merged: Map<string, unknown>, name: string): void {
  merged.delete(name);
  const other = synonyms[name];
  if (other !== undefined) merged.delete(other);
}

function clamp(merged: Map<string, unknown>, max: Readonly<Record<string, number>>): readonly string[] {
  const warnings: string[] = [];
  for (const [bound, most] of Object.entries(max)) {
    for (const name of [bound, synonyms[bound]]) {
      const value = name === undefined ? undefined : merged.get(name);
      if (name === undefined || typeof value !== "number" || value <= most) continue;
      merged.set(name, most);
      warnings.push(`${name} lowered from ${value} to ${most}`);
    }
  }
  return warnings;
}
