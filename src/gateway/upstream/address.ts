import type { Params, Provider } from "../../domain/snapshot.ts";
import type { Changes } from "../../openai/splice.ts";

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
export function changesOf(from: Params, to: Params): Changes {
  // Without a prototype, `__proto__` is a name like any other.
  const set: Record<string, unknown> = Object.create(null);
  for (const name in to) if (from[name] !== to[name]) set[name] = to[name];
  const remove: string[] = [];
  for (const name in from) if (!Object.hasOwn(to, name)) remove.push(name);
  return { set, remove };
}
