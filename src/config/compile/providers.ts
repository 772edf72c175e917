import { providerKinds } from "../../domain/provider_kind.ts";
import { type SecretRef, showRef } from "../../domain/secret_ref.ts";
import type { PoolMember, Price, Provider, Simulation, UpstreamFacts } from "../../domain/snapshot.ts";
import { positionOf } from "../places.ts";
import { secretRef } from "../references.ts";
import type { ProviderText } from "../schema/provider.ts";
import { checkAddress } from "./address.ts";
import type { Making } from "./making.ts";
import { makeLimits, makeTimeouts } from "./rules.ts";
import { checkCredentials, makeService } from "./service.ts";
import { valuesFor } from "./values.ts";
import { type Item, reportTwice } from "./whole.ts";

type FactsText = NonNullable<ProviderText["models"]>[string];

/** One provider, its defaults filled in. */
export function makeProvider(making: Making, { name, at }: Item<ProviderText>, text: ProviderText): Provider {
  const { places, report } = making;
  for (const [owner, key] of [
    [text, "base_url"],
    [text, "auth_url"],
    [text.login, "url"],
  ] as const) {
    const address =
      owner === undefined ? undefined : Object.entries(owner).find(([field]) => field === key)?.[1];
    if (owner !== undefined && typeof address === "string")
      checkAddress(address, places.value(owner, key), report);
  }
  checkCredentials(making, text);
  const provider: Provider = {
    name,
    kind: text.kind,
    baseUrl: (text.base_url ?? providerKinds[text.kind].baseUrl ?? "").replace(/\/+$/, ""),
    query: text.query ?? {},
    pool: makePool(making, text),
    apiKeyHeader: text.api_key_header?.toLowerCase() ?? null,
    optional: text.optional ?? false,
    enabled: text.enabled ?? true,
    limits: makeLimits(making, text.limits),
    headers: text.headers ?? {},
    tags: text.tags ?? [],
    unsupported: text.unsupported ?? "warn",
    defaults: text.defaults ?? {},
    overrides: text.overrides ?? {},
    timeouts: makeTimeouts(making, text.timeouts),
    facts: makeFacts(making, text.models ?? {}),
    simulation: text.kind === "simulated" ? makeSimulation(making, text) : null,
    service: text.kind === "request" ? makeService(making, text) : null,
    at: positionOf(at),
  };
  return places.adopt(provider, text);
}

/** A private service's fixed token is a pool of one. */
function makePool(making: Making, text: ProviderText): readonly PoolMember[] {
  const { places, report } = making;
  const key = text.api_key === undefined ? "token" : "api_key";
  const written = text[key];
  if (written === undefined) return [];
  const list = Array.isArray(written) ? written : null;
  const items: readonly Exclude<typeof written, readonly unknown[]>[] = list ?? [
    written as Exclude<typeof written, readonly unknown[]>,
  ];
  const first = new Map<string, PoolMember>();
  return items.flatMap((item, index) => {
    const at = list === null ? places.value(text, key) : places.value(list, index);
    const ref =
      typeof item === "string" ? secretRef(item, at) : secretRef(item.key, places.value(item, "key"));
    const id = (typeof item === "string" ? undefined : item.id) ?? defaultId(ref);
    const member: PoolMember = {
      id,
      ref,
      limits: typeof item === "string" ? [] : makeLimits(making, item.limits),
      at: positionOf(at),
    };
    const before = first.get(id);
    if (before !== undefined) {
      reportTwice("pool member", id, at, { ...at, ...before.at }, report);
      return [];
    }
    first.set(id, member);
    return [member];
  });
}

const defaultId = (ref: SecretRef): string =>
  ref.kind === "env"
    ? ref.name
    : ref.kind === "file"
      ? (ref.path.split("/").at(-1) ?? ref.path)
      : showRef(ref);

/** Exact names first, then patterns, longest first; equals in file order. */
function makeFacts(making: Making, models: Readonly<Record<string, FactsText>>): readonly UpstreamFacts[] {
  const values = valuesFor(making);
  const facts = Object.entries(models).map(([model, text]): UpstreamFacts => {
    const entry = {
      model,
      price: text.price === undefined ? null : makePrice(making, text.price),
      context: text.context === undefined ? null : values.whole(text, "context", text.context, 1),
      limits: text.limits === undefined ? null : makeLimits(making, text.limits),
      timeouts: makeTimeouts(making, text.timeouts),
    };
    return making.places.adopt(entry, text);
  });
  const rank = ({ model }: UpstreamFacts) => (model.endsWith("*") ? model.length : Number.POSITIVE_INFINITY);
  return facts.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

function makePrice(making: Making, text: NonNullable<FactsText["price"]>): Price {
  if (typeof text === "string")
    return { input: 0, output: 0, cached_input: null, cache_write: null, request: null };
  const { count } = valuesFor(making);
  return {
    input: count(text, "input", text.input),
    output: count(text, "output", text.output),
    cached_input: text.cached_input === undefined ? null : count(text, "cached_input", text.cached_input),
    cache_write: text.cache_write === undefined ? null : count(text, "cache_write", text.cache_write),
    request: text.request === undefined ? null : count(text, "request", text.request),
  };
}

function makeSimulation(making: Making, text: ProviderText): Simulation {
  const values = valuesFor(making);
  return {
    latencyMs:
      text.latency === undefined || Number.parseFloat(text.latency) === 0
        ? 0
        : values.duration(text, "latency", text.latency),
    tokensPerSecond:
      text.tokens_per_second === undefined
        ? null
        : values.count(text, "tokens_per_second", text.tokens_per_second),
    fail: (text.fail ?? []).map((failure) => ({
      kind: failure.kind,
      rate: values.part(failure, "rate", failure.rate),
    })),
  };
}
