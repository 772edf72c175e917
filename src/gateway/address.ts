import type { Params, Provider } from "../domain/snapshot.ts";

const addresses = new WeakMap<Provider, Map<string, URL>>();

function addressesOf(provider: Provider): Map<string, URL> {
  const known = addresses.get(provider) ?? new Map<string, URL>();
  addresses.set(provider, known);
  return known;
}

/** The address of a call: base_url with `{model}` filled in, the path, and the file's query. */
export function addressOf(provider: Provider, model: string, path: string): URL {
  const known = addressesOf(provider);
  const id = `${path} ${provider.baseUrl.includes("{model}") ? model : ""}`;
  const cached = known.get(id);
  if (cached !== undefined) return cached;

  const base = provider.baseUrl.replaceAll("{model}", encodeURIComponent(model)).replace(/\/+$/, "");
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(provider.query)) url.searchParams.set(name, value);
  // Patterns can name any number of upstream models.
  if (known.size < 1_000) known.set(id, url);
  return url;
}

/** The top-level changes that turn one body into another; values are compared by identity, as adapters keep them. */
export function changesOf(
  from: Params,
  to: Params,
): { readonly set: Params; readonly remove: readonly string[] } {
  const set: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(to)) if (from[name] !== value) set[name] = value;
  return { set, remove: Object.keys(from).filter((name) => !Object.hasOwn(to, name)) };
}
