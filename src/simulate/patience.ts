import { failure } from "../domain/failure.ts";
import type { RouteRequest, Try } from "../domain/route.ts";
import { noUsage } from "../domain/usage.ts";
import { adapterOf } from "../providers/registry.ts";
import type { Oracle, Scripted } from "./run.ts";

/** Cuts what takes longer than the timeouts of its target allow, as the gateway does. */
export const impatient =
  (oracle: Oracle): Oracle =>
  (decision, request, now) =>
    within(decision, request, oracle(decision, request, now));

function within(decision: Try, request: RouteRequest, scripted: Scripted): Scripted {
  const { timeouts } = decision;
  const streams = isStreamed(decision, request);
  const clock = streams ? "first_byte" : "answer";
  const patienceMs = Math.min(timeouts[clock], timeouts.total);
  const outOf = timeouts[clock] <= timeouts.total ? clock : "total";
  const firstMs = scripted.kind === "ok" && streams ? scripted.ttftMs : scripted.latencyMs;
  if (firstMs > patienceMs) return { kind: "failed", latencyMs: patienceMs, failure: late(outOf) };
  if (scripted.kind === "failed" || scripted.latencyMs <= timeouts.total) return scripted;
  return { ...scripted, latencyMs: timeouts.total, usage: noUsage, broken: late("total") };
}

/** Whether the provider streams the answer, rather than the gateway once it has it. */
export const isStreamed = ({ target: { provider } }: Try, { stream, endpoint }: RouteRequest): boolean =>
  stream && (adapterOf(provider.kind).streams?.(endpoint, provider) ?? true);

const late = (clock: "first_byte" | "answer" | "total") =>
  failure("timeout", `no answer within the ${clock} timeout`);
