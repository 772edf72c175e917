import { type SecretRef, showRef } from "../../domain/secret_ref.ts";
import type { Service } from "../../domain/service.ts";
import type { PoolMember, Provider, Simulation, UpstreamFacts } from "../../domain/snapshot.ts";
import { limits, timeouts } from "./limits.ts";
import {
  byName,
  duration,
  type Form,
  mapped,
  nothingElse,
  percentage,
  present,
  unordered,
} from "./written.ts";

/** `providers.x`. */
export function provider(described: Provider): Form {
  const {
    name: _,
    at: _at,
    kind,
    baseUrl,
    query,
    pool,
    apiKeyHeader,
    optional,
    enabled,
    ...more
  } = described;
  const { limits: rules, headers, tags, unsupported, defaults, overrides, ...others } = more;
  const { timeouts: clocks, facts, simulation, service, ...rest } = others;
  nothingElse(rest);
  return {
    kind,
    base_url: baseUrl,
    query,
    // Ties of the rotation go by order, so the order of a pool means something.
    api_key: pool.map(credential),
    "api_key[]": byName(
      pool.filter((member) => member.limits.length > 0),
      ({ id }) => id,
      (member) => ({ limits: limits(member.limits) }),
    ),
    api_key_header: apiKeyHeader,
    optional,
    enabled,
    limits: limits(rules),
    headers,
    tags: unordered(tags),
    unsupported,
    defaults,
    overrides,
    timeouts: timeouts(clocks),
    // An entry that says nothing is none.
    models: Object.fromEntries(
      Object.entries(byName(facts, ({ model }) => model, upstream)).filter(([, says]) => hasAny(says)),
    ),
    ...(simulation === null ? {} : simulated(simulation)),
    ...(service === null ? {} : request(service)),
  };
}

const hasAny = (says: unknown): boolean =>
  typeof says === "object" && says !== null && Object.keys(says).length > 0;

/** The reference, and the member's name where it is not the reference's own. */
function credential({ id, ref, limits: _, at: _at, ...rest }: PoolMember): string {
  nothingElse(rest);
  return id === ownName(ref) ? showRef(ref) : `${id}: ${showRef(ref)}`;
}

const ownName = (ref: SecretRef): string | null =>
  ref.kind === "env" ? ref.name : ref.kind === "file" ? (ref.path.split("/").at(-1) ?? ref.path) : null;

function upstream({
  model: _,
  price,
  context,
  limits: rules,
  timeouts: clocks,
  ...rest
}: UpstreamFacts): Form {
  nothingElse(rest);
  const patience = timeouts(clocks);
  return present({
    price: price === null ? null : present({ ...price }),
    context,
    // An empty block is not the same as none: it lifts the limits of a less specific entry.
    limits: rules === null ? null : limits(rules),
    timeouts: hasAny(patience) ? patience : null,
  });
}

function simulated({ latencyMs, tokensPerSecond, fail, ...rest }: Simulation): Form {
  nothingElse(rest);
  return {
    latency: duration(latencyMs),
    tokens_per_second: tokensPerSecond,
    fail: fail.map(({ kind, rate }) => ({ kind, rate: percentage(rate) })),
  };
}

function request({ login, templates, ...rest }: Service): Form {
  nothingElse(rest);
  return {
    login: login === null ? null : loginForm(login),
    ...(templates === null ? {} : templatesForm(templates)),
  };
}

function loginForm({ url, body, token, expiresIn, cacheMs, ...rest }: NonNullable<Service["login"]>): Form {
  nothingElse(rest);
  return {
    url,
    // A name that looks like a reference is none.
    body: mapped(body, (value) => (typeof value === "string" ? { text: value } : showRef(value))),
    token,
    expires_in: expiresIn,
    cache: duration(cacheMs),
  };
}

function templatesForm({ path, body, answer, stream, ...rest }: NonNullable<Service["templates"]>): Form {
  nothingElse(rest);
  return {
    request: { path, body },
    answer:
      answer === null
        ? null
        : {
            text: answer.text,
            prompt_tokens: answer.promptTokens,
            completion_tokens: answer.completionTokens,
            error: answer.error,
          },
    stream: stream === null ? null : { text: stream.text, done: stream.done },
  };
}
