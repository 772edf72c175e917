import type { EpochMs } from "../../core/units.ts";
import type { Adapter, EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Try } from "../../domain/route.ts";
import type { Params } from "../../domain/snapshot.ts";
import { adapterOf } from "../../providers/registry.ts";
import { effectiveParams } from "../../routing/params.ts";

/** What of a client's request goes upstream. */
export interface Saying {
  readonly endpoint: Endpoint;
  /** Every top-level field but `model`. */
  readonly params: Params;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** A request in the words of a provider, with what was changed on the way; or why it cannot be put into them. */
export type Translated =
  | {
      readonly ok: true;
      readonly adapter: Adapter;
      readonly upstream: UpstreamRequest;
      readonly encoded: EncodedRequest;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly failure: Failure };

/** Puts a request into the words of the target's provider. Sends nothing: tests of a routing file ask it too. */
export function translate(decision: Try, saying: Saying, at: EpochMs): Translated {
  const { provider } = decision.target;
  const adapter = adapterOf(provider.kind);
  const { endpoint } = saying;
  const { params, warnings } = effectiveParams(
    decision.asked,
    decision.serving,
    decision.target,
    saying.params,
    spokenEndpoint(decision, endpoint),
  );
  const upstream: UpstreamRequest = {
    endpoint,
    params,
    model: decision.upstream,
    stream: saying.stream && (adapter.streams?.(endpoint, provider) ?? true),
    includeUsage: saying.includeUsage,
    provider,
    at,
  };
  const encoded = adapter.encode(upstream);
  if (!encoded.ok) return unsent(unfit(decision, encoded.error));
  const { losses } = encoded.value;
  // A default or an override that the target cannot take is the file's doing, and no reason to refuse a client.
  const refused = provider.unsupported === "refuse" ? losses.filter((loss) => asks(saying, loss.param)) : [];
  if (refused.length > 0) return unsent(unfit(decision, refused.map(({ says }) => says).join("; ")));
  const all = [...warnings, ...losses.map(({ says }) => says)];
  return { ok: true, adapter, upstream, encoded: encoded.value, warnings: all };
}

/** The endpoint that a request goes to at a provider that may have another one for it. */
export function spokenEndpoint({ target: { provider }, upstream }: Try, endpoint: Endpoint): Endpoint {
  return adapterOf(provider.kind).speaks?.({ endpoint, model: upstream, provider }) ?? endpoint;
}

/** A failure before anything was sent: no limit of the provider counts it. */
export const unsent = (why: Failure): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { ...why, reached: false },
});

const asks = ({ params }: Saying, name: string): boolean =>
  Object.hasOwn(params, name) && params[name] !== null && params[name] !== undefined;

const unfit = (decision: Try, why: string): Failure =>
  failure("bad_request", `provider ${decision.target.provider.name} cannot take this request: ${why}`, {
    status: 400,
  });
