import type { Entry, Tree } from "../tree.ts";
import { identityOf, readConnection } from "./connection.ts";
import { type DraftTarget, type JsonObject, present } from "./draft.ts";
import { readFacts } from "./facts.ts";
import type { Place } from "./finding.ts";
import { readLimits } from "./limits.ts";
import { readParams } from "./params.ts";
import type { Scope } from "./scope.ts";
import { durationOf, numberOf, pick, yesOrNo } from "./values.ts";
import { isForeign, type Vendor, vendorOf } from "./vendors.ts";

/** Where a deployment goes: a provider of ours, and an upstream model there. */
export interface Aim {
  readonly provider: string;
  readonly upstream: string;
}

/** The provider behind a mapping that says how it is reached; null, and said so, where we have none like it. */
export function providerFor(
  holder: Tree,
  vendorName: string,
  at: Place,
  scope: Scope,
  label: string = vendorName,
): string | null {
  const { providersByIdentity, providerNames, draft } = scope;
  const vendor = vendorFor(holder, vendorName, at, scope);
  if (vendor === null) return null;
  const identity = `${label} ${identityOf(holder)}`;
  const known = [...providersByIdentity.keys()].filter((each) => each.startsWith(`${label} `)).length;
  // The second provider of a vendor is `azure-2`.
  const provider =
    providersByIdentity.get(identity) ?? providerNames.of(known === 0 ? label : `${label}-${known + 1}`);
  const fields = readConnection(holder, { provider, vendorName, vendor }, scope);
  if (fields === null) return null;
  providersByIdentity.set(identity, provider);
  if (!draft.providers.has(provider)) draft.providers.set(provider, { fields, models: {}, at });
  return provider;
}

/** What a provider's name stands for; an unknown one with an address is taken for a server that speaks OpenAI's format. */
export function vendorFor(holder: Tree, name: string, at: Place, { notes }: Scope): Vendor | null {
  const vendor = vendorOf(name);
  if (vendor !== null) return vendor;
  const hasAddress =
    pick(holder, ["api_base", "base_url", "api_base_url", "api_url", "endpoint", "url"]) !== null;
  if (!isForeign(name) && hasAddress) return { kind: "openai" };
  notes.unsupported(
    at,
    isForeign(name)
      ? "this provider has a wire format or a login that no kind of ours has"
      : "no provider of this name is known, and no address says where it is",
  );
  return null;
}

/** What a mapping says of one way to serve a model, besides how its provider is reached. */
export function readTarget(
  holder: Tree,
  { provider, upstream }: Aim,
  where: string,
  at: Place,
  scope: Scope,
): DraftTarget {
  const { notes, draft } = scope;
  const info = pick(holder, ["model_info"])?.value;
  const facts = readFacts([holder, info], `providers.${provider}.models.${upstream}`, notes);
  const models = draft.providers.get(provider)?.models;
  if (models !== undefined && Object.keys(facts).length > 0)
    models[upstream] = { ...models[upstream], ...facts };
  const [weight, order] = [pick(holder, ["weight"]), pick(holder, ["order", "priority"])];
  return {
    provider,
    model: upstream,
    order: figure(order, "the order of the targets", scope),
    weight: figure(weight, `${where}.weight`, scope),
    enabled: readSwitch(holder, where, scope),
    limits: readLimits(holder, where, notes),
    defaults: readParams(holder, where, notes),
    timeouts: readTimeouts(holder, where, scope),
    at,
  };
}

function figure(entry: Entry | null, where: string, { notes }: Scope): number | null {
  if (entry === null) return null;
  const number = numberOf(entry.value);
  if (number === null) notes.unsupported(entry, "this is no number");
  else notes.exact(entry, where);
  return number;
}

/** Whether it is switched on; it is when nothing is said. */
export function readSwitch(holder: Tree, where: string, { notes }: Scope): boolean {
  const on = pick(holder, ["enable", "enabled", "is_enabled", "active", "is_active"]);
  const off = pick(holder, ["disable", "disabled"]);
  const entry = on ?? off;
  if (entry === null) return true;
  const said = yesOrNo(entry.value);
  if (said === null) {
    notes.unsupported(entry, "this is neither yes nor no");
    return true;
  }
  notes.exact(entry, `${where}.enabled`);
  return entry === on ? said : !said;
}

/** The clocks that a mapping sets. One clock elsewhere is often two of ours. */
export function readTimeouts(holder: Tree, where: string, { notes }: Scope): JsonObject {
  const whole = pick(holder, ["timeout", "request_timeout", "timeout_seconds", "timeout_s", "timeout_ms"]);
  const stream = pick(holder, ["stream_timeout"]);
  const connect = pick(holder, ["connect_timeout", "connection_timeout"]);
  const read = (entry: Entry | null, says: string): string | undefined => {
    if (entry === null) return undefined;
    const span = durationOf(entry.value, entry.key.toLowerCase().endsWith("_ms") ? "ms" : "s");
    if (span === null) notes.unsupported(entry, "this is no time, or none at all");
    else notes.approximated(entry, `${where}.timeouts: ${says}`);
    return span ?? undefined;
  };
  const first = read(stream, "first_byte and idle of a stream");
  const answer = read(
    whole,
    first === undefined ? "answer of a whole answer, first_byte of a stream" : "answer of a whole answer",
  );
  return present({
    connect: read(connect, "connect"),
    first_byte: first ?? answer,
    idle: first,
    answer,
  });
}
