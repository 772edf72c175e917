import type { Secret } from "../../core/secret.ts";
import type { UpstreamRequest } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Try } from "../../domain/route.ts";
import { adapterOf } from "../../providers/registry.ts";
import { effectiveParams } from "../../routing/params.ts";
import type { Ask } from "../request/ask.ts";
import type { Wire } from "./attempt.ts";
import type { Call } from "./exchange.ts";

/** A call ready to be sent, with what was changed on the way; or why there is none. */
export type Prepared =
  | { readonly ok: true; readonly call: Call; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly failure: Failure };

/** Puts a request into the words of the target's provider, with the credential that the plan chose. */
export function prepare(wire: Wire, decision: Try, ask: Ask): Prepared {
  const { provider } = decision.target;
  const adapter = adapterOf(provider.kind);
  if (adapter === null) return unsent(failure("network", `kind ${provider.kind} is not served`));
  const credential = credentialOf(wire, decision);
  if (credential === "gone") return unsent(failure("auth", "the API key is no longer there"));

  const { endpoint } = ask.route;
  const { params, warnings } = effectiveParams(
    decision.asked,
    decision.serving,
    decision.target,
    ask.params,
    adapter.speaks?.({ endpoint, model: decision.upstream, provider }) ?? endpoint,
  );
  const upstream: UpstreamRequest = {
    endpoint,
    params,
    model: decision.upstream,
    stream: ask.stream && (adapter.streams?.(endpoint, provider) ?? true),
    includeUsage: ask.includeUsage,
    provider,
    at: wire.clock.now(),
  };
  const encoded = adapter.encode(upstream);
  if (!encoded.ok) return unsent(unfit(decision, encoded.error));
  const { losses } = encoded.value;
  // A default or an override that the target cannot take is the file's doing, and no reason to refuse a client.
  const refused = provider.unsupported === "refuse" ? losses.filter((loss) => asks(ask, loss.param)) : [];
  if (refused.length > 0) return unsent(unfit(decision, refused.map(({ says }) => says).join("; ")));

  const original = { text: ask.text, body: ask.body };
  const call = { decision, adapter, upstream, encoded: encoded.value, credential, original };
  return { ok: true, call, warnings: [...warnings, ...losses.map(({ says }) => says)] };
}

const asks = ({ params }: Ask, name: string): boolean =>
  Object.hasOwn(params, name) && params[name] !== null && params[name] !== undefined;

const unfit = (decision: Try, why: string): Failure =>
  failure("bad_request", `provider ${decision.target.provider.name} cannot take this request: ${why}`, {
    status: 400,
  });

const unsent = (why: Failure): Prepared => ({ ok: false, failure: { ...why, reached: false } });

function credentialOf({ vault, clock }: Wire, { member }: Try): Secret | null | "gone" {
  if (member === null) return null;
  const looked = vault.look(member.ref, clock.now());
  return looked.kind === "set" ? looked.secret : "gone";
}
