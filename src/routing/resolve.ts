import { allowsAny } from "../core/glob.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { EpochMs } from "../core/units.ts";
import { type Refusal, refuse } from "../domain/refusal.ts";
import type { Alias, ClientKey, Deprecation, Model, Snapshot } from "../domain/snapshot.ts";

/** A public model and what its pattern's `*` stood for. */
export interface Named {
  readonly model: Model;
  readonly capture: string | null;
  /** The aliases that led here. */
  readonly via: readonly Alias[];
  /** Deprecations met on the way, the aliases' own included. */
  readonly deprecations: readonly Deprecation[];
}

/** Finds a name: exact model, alias, longest pattern. Null when nothing bears it. */
export function lookUp(snapshot: Snapshot, name: string): Named | null {
  const via: Alias[] = [];
  let current = name;
  // Aliases have no cycles: the compiler refuses them.
  for (;;) {
    const exact = snapshot.models.get(current);
    if (exact !== undefined) return named(exact, null, via);
    const alias = snapshot.aliases.get(current);
    if (alias === undefined) break;
    via.push(alias);
    current = alias.to;
  }
  const pattern = snapshot.patterns.find((model) => current.startsWith(model.name.slice(0, -1)));
  if (pattern === undefined) return null;
  const capture = current.slice(pattern.name.length - 1);
  // In the path of an address, as a base_url with {model} makes one, these would lead elsewhere.
  return capture === "." || capture === ".." ? null : named(pattern, capture, via);
}

/** What a client may ask for by `name`; in words why not. `auto` is resolved by the plan, which knows the state. */
export function resolve(
  snapshot: Snapshot,
  name: string,
  key: ClientKey | null,
  now: EpochMs,
): Result<Named, Refusal> {
  const found = lookUp(snapshot, name);
  if (found === null || !found.model.enabled || !found.model.visible) {
    return err(
      refuse(
        "model_not_found",
        `The model "${show(name)}" does not exist. GET /v1/models lists those that do.`,
        { param: "model" },
      ),
    );
  }
  if (!mayUse(key, [name, found.model.name])) {
    return err(
      refuse("model_not_allowed", `The key "${key?.id ?? ""}" may not use the model "${show(name)}".`, {
        param: "model",
      }),
    );
  }
  const gone = found.deprecations.find((deprecation) => isOver(deprecation, now));
  if (gone !== undefined) {
    const instead = gone.use === null ? "" : ` Use "${gone.use}" instead.`;
    return err(
      refuse("model_deprecated", `The model "${show(name)}" is no longer served.${instead}`, {
        param: "model",
      }),
    );
  }
  return ok(found);
}

/** Whether a key's globs and its team's both allow one of the names; everyone may where there are no keys. */
export const mayUse = (key: ClientKey | null, names: readonly string[]): boolean =>
  key === null || (allowsAny(key.models, names) && (key.team === null || allowsAny(key.team.models, names)));

/** Whether the date is past. */
export const isOver = (deprecation: Deprecation, now: EpochMs): boolean =>
  deprecation.after !== null && now >= deprecation.after;

/** A client's text inside a message: bounded, on one line. */
const show = (name: string): string => JSON.stringify(name.slice(0, 128)).slice(1, -1);

function named(model: Model, capture: string | null, via: readonly Alias[]): Named {
  const isLeaving = model.deprecated !== null || via.some(({ deprecated }) => deprecated !== null);
  const deprecations = isLeaving ? [...via, model].flatMap(({ deprecated }) => deprecated ?? []) : none;
  return { model, capture, via, deprecations };
}

const none: readonly Deprecation[] = [];
