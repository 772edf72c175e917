import { type SecretRef, showRef } from "../domain/secret_ref.ts";
import { loginName, refsOf } from "../domain/service.ts";
import type { Model, PoolMember, Provider, Target } from "../domain/snapshot.ts";
import { fingerprint } from "../providers/fingerprint.ts";

/** Fills a pattern's `*` in: `openai/*` with `gpt-4o` is `openai/gpt-4o`. */
export const fill = (name: string, capture: string | null): string =>
  capture !== null && name.endsWith("*") ? name.slice(0, -1) + capture : name;

/** What a provider's credential is set aside under: the reference, so that a reload keeps it and an edit does not. */
export const credentialId = (provider: Provider, member: PoolMember | null): string =>
  `${provider.kind} ${provider.baseUrl} ${member === null ? loginId(provider) : showRef(member.ref)}`;

/** Simulated providers have neither an address nor a key to be told apart by. */
const loginId = ({ kind, name, service }: Provider): string => {
  if (kind === "simulated") return name;
  return service?.login == null ? "-" : `login ${fingerprint(loginName(service.login))}`;
};

/** The secrets that have to be there before a credential can be used: its own, or those of the login that gives one. */
export const secretsOf = ({ service }: Provider, member: PoolMember | null): readonly SecretRef[] =>
  member !== null ? [member.ref] : service?.login == null ? [] : refsOf(service.login);

/** What breakers and averages belong to: kind, base_url, credential and upstream model. */
export const endpointId = (provider: Provider, member: PoolMember | null, upstream: string): string =>
  `${credentialId(provider, member)} ${upstream}`;

/** The name under which a target's limits are counted: public model, provider and upstream model as written. */
export const targetName = (model: Model, target: Target): string =>
  `${model.name}→${target.provider.name}/${target.model}`;

/** The name under which what is learned of an upstream model is kept. */
export const upstreamName = (provider: Provider, upstream: string): string => `${provider.name}/${upstream}`;
