import type { Endpoint } from "../domain/endpoint.ts";
import type { Model, Params, Provider, Target } from "../domain/snapshot.ts";
import { hasMeaning } from "../openai/parameters.ts";

/** The request's fields as they go to one target, and what had to be changed on the way. */
export interface Effective {
  readonly params: Params;
  readonly warnings: readonly string[];
}

/** Who spoke about a parameter. */
export interface Source {
  readonly kind: "defaults" | "request" | "max" | "overrides";
  /** Null: the request, or for `max` the asked model, which alone has one. */
  readonly of: Provider | Model | Target | null;
  /** The very block of the file, or the request's own fields. */
  readonly fields: Params;
}

/** Is told of each parameter that somebody sets, lowers or removes; who speaks later is stronger. */
export type Note = (name: string, source: Source) => void;

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
  note: Note | null = null,
): Effective {
  if (leavesAlone(asked, serving, target) && !Object.values(request).includes(null)) {
    for (const name in request) note?.(name, { kind: "request", of: null, fields: request });
    return { params: request, warnings: [] };
  }
  const merged = new Map<string, unknown>();
  const put = (fields: Params, of: Source["of"]) => {
    const told = of === null ? spoken(fields, null) : spoken(fields, endpoint);
    for (const name of told) drop(merged, name);
    for (const name of told) {
      merged.set(name, fields[name]);
      note?.(name, { kind: of === null ? "request" : "defaults", of, fields });
    }
  };
  for (const owner of [target.provider, serving, target]) put(owner.defaults, owner);
  put(request, null);
  const warnings = clamp(merged, asked.max, note);
  for (const owner of [target.provider, serving, asked]) override(merged, owner, endpoint, note);
  return { params: Object.fromEntries(merged), warnings };
}

/** Sets what an owner always wants, and removes what it never does. */
function override(
  merged: Map<string, unknown>,
  owner: Provider | Model,
  endpoint: Endpoint,
  note: Note | null,
): void {
  const fields = owner.overrides;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && !hasMeaning(endpoint, name, value)) continue;
    drop(merged, name);
    if (value !== null) merged.set(name, value);
    note?.(name, { kind: "overrides", of: owner, fields });
  }
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

/** The names that are spoken about; with an endpoint, only those that have a meaning there. */
const spoken = (fields: Params, endpoint: Endpoint | null): readonly string[] =>
  Object.keys(fields).filter(
    (name) => isSpoken(fields[name]) && (endpoint === null || hasMeaning(endpoint, name, fields[name])),
  );

const isSpoken = (value: unknown): boolean => value !== null && value !== undefined;

function drop(merged: Map<string, unknown>, name: string): void {
  merged.delete(name);
  const other = synonyms[name];
  if (other !== undefined) merged.delete(other);
}

function clamp(
  merged: Map<string, unknown>,
  max: Readonly<Record<string, number>>,
  note: Note | null,
): readonly string[] {
  const warnings: string[] = [];
  for (const [bound, most] of Object.entries(max)) {
    for (const name of [bound, synonyms[bound]]) {
      const value = name === undefined ? undefined : merged.get(name);
      if (name === undefined || typeof value !== "number" || value <= most) continue;
      merged.set(name, most);
      warnings.push(`${name} lowered from ${value} to ${most}`);
      note?.(name, { kind: "max", of: null, fields: max });
    }
  }
  return warnings;
}
