import { type LimitRule, limitNames } from "../domain/limits.ts";
import { showRef } from "../domain/secret_ref.ts";
import { loginName, type Service } from "../domain/service.ts";
import type { AccessRules, ClientKey, Model, Provider, Snapshot } from "../domain/snapshot.ts";
import { sha256Hex } from "../runtime/digest.ts";

/** SHA-256 of the compiled form: places, comments and meaningless order left out, references by name. */
export function digestOf(snapshot: Omit<Snapshot, "digest">): string {
  return sha256Hex(JSON.stringify(sorted(canonical(snapshot))));
}

function canonical(snapshot: Omit<Snapshot, "digest">): unknown {
  const { auth, attribution, providers, models, patterns, aliases, auto, defaultModel } = snapshot;
  const { timeouts, http, logging, metrics, rollout, gates, asserts } = snapshot;
  return {
    keys: byName(auth.keys.map((key) => [key.id, keyForm(key)])),
    teams: byName([...auth.teams].map(([name, team]) => [name, accessForm(team)])),
    attribution,
    providers: byName([...providers].map(([name, provider]) => [name, providerForm(provider)])),
    models: byName([...models.values(), ...patterns].map((model) => [model.name, modelForm(model)])),
    aliases: byName([...aliases].map(([name, { at: _, ...alias }]) => [name, alias])),
    auto: auto === null ? null : { models: auto.models, strategy: auto.strategy },
    defaultModel,
    timeouts,
    http: { ...http, corsOrigins: unordered(http.corsOrigins) },
    logging: { ...logging, redact: unordered(logging.redact) },
    metrics,
    rollout,
    gates,
    asserts: unordered(
      asserts.map(({ at: _, ...assertion }) =>
        JSON.stringify({
          ...assertion,
          anyTag: unordered(assertion.anyTag),
          onlyTags: unordered(assertion.onlyTags),
        }),
      ),
    ),
  };
}

const keyForm = (key: ClientKey) => ({
  ...accessForm(key),
  secrets: unordered(key.secrets.map(showRef)),
  team: key.team?.name ?? null,
  role: key.role,
  expiresAt: key.expiresAt,
  labels: key.labels,
});

const accessForm = ({ models, anyTag, limits, budgets }: AccessRules) => ({
  models: unordered(models),
  anyTag: unordered(anyTag),
  limits: limitsForm(limits),
  budgets: unordered(budgets.map(({ limit, of }) => `${limit} ${of}`)),
});

function providerForm(provider: Provider): unknown {
  const { at: _, pool, limits, tags, facts, service, ...rest } = provider;
  return {
    ...rest,
    tags: unordered(tags),
    limits: limitsForm(limits),
    // Ties of the rotation go by order, so the order of a pool means something.
    pool: pool.map((member) => ({
      id: member.id,
      ref: showRef(member.ref),
      limits: limitsForm(member.limits),
    })),
    facts: byName(
      facts.map((entry) => [
        entry.model,
        { ...entry, limits: entry.limits === null ? null : limitsForm(entry.limits) },
      ]),
    ),
    service: service === null ? null : serviceForm(service),
  };
}

const serviceForm = ({ login, templates }: Service) => ({
  login: login === null ? null : loginName(login),
  templates,
});

function modelForm(model: Model): unknown {
  const { at: _, targets, ...rest } = model;
  return {
    ...rest,
    targets: targets.map(({ at: _at, provider, limits, ...target }) => ({
      ...target,
      provider: provider.name,
      limits: limitsForm(limits),
    })),
  };
}

const limitsForm = (rules: readonly LimitRule[]) =>
  limitNames.flatMap((limit) => rules.filter((rule) => rule.limit === limit).map(({ of }) => [limit, of]));

const unordered = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();
const byName = (pairs: readonly (readonly [string, unknown])[]): unknown => Object.fromEntries(pairs);

/** Keys in alphabetical order, all the way down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(([key, held]) => [key, sorted(held)]);
}
