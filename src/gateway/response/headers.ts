import type { DurationMs, EpochMs } from "../../core/units.ts";
import { type Claim, counted, perRequest, type Rule } from "../../domain/limits.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { Try } from "../../domain/route.ts";
import type { ClientKey, Deprecation } from "../../domain/snapshot.ts";
import type { Ledger } from "../../limits/ledger.ts";
import { fallbackFrom } from "../../routing/plan.ts";
import { seconds } from "../../routing/refusals.ts";
import type { Live } from "../live.ts";
import type { Arrival } from "../request/arrival.ts";

/** The headers of an answer in the making, by lower-case name. */
export type HeaderFields = Record<string, string>;

/** What every answer of ours bears. */
export const commonHeaders = (arrival: Arrival, live: Live): HeaderFields => ({
  "x-request-id": arrival.id,
  "x-gateway-config": live.label,
});

/** What the head of an answer tells of a request. */
export interface Told {
  readonly key: ClientKey | null;
  readonly attempts: number;
  /** Where the time went: on our side, and with providers. */
  readonly gatewayMs: DurationMs;
  readonly upstreamMs: DurationMs;
}

/** The head of an answer, but for what every answer bears. Tests of a routing file ask for it too. */
export function addAnswered(
  headers: HeaderFields,
  told: Told & {
    readonly decision: Try;
    readonly warnings: readonly string[];
    readonly deprecations: readonly Deprecation[];
  },
  ledger: Ledger,
  now: EpochMs,
): void {
  const { key, decision, attempts, warnings, deprecations, gatewayMs, upstreamMs } = told;
  addRoute(headers, decision, attempts, warnings);
  addDeprecation(headers, deprecations);
  addTiming(headers, gatewayMs, upstreamMs);
  addRateLimits(headers, key, decision, ledger, now);
}

/** The head of a refusal, likewise; `last` is the attempt before it, if there was any. */
export function addRefused(
  headers: HeaderFields,
  told: Told & { readonly last: Try | null },
  ledger: Ledger,
  now: EpochMs,
): void {
  const { key, attempts, last, gatewayMs, upstreamMs } = told;
  headers["x-gateway-attempts"] = String(attempts);
  addRateLimits(headers, key, last, ledger, now);
  if (last !== null) addTiming(headers, gatewayMs, upstreamMs);
}

/** When to come again, in the words that SDKs obey. */
export function addRetry(headers: HeaderFields, { retryAfterMs, shouldRetry }: Refusal): void {
  if (retryAfterMs !== null) {
    headers["retry-after"] = String(seconds(retryAfterMs));
    headers["retry-after-ms"] = String(Math.max(1, Math.ceil(retryAfterMs)));
  }
  if (shouldRetry !== null) headers["x-should-retry"] = String(shouldRetry);
}

/** Who answered, after how many attempts, and what was changed on the way. */
function addRoute(headers: HeaderFields, decision: Try, attempts: number, warnings: readonly string[]): void {
  headers["x-gateway-provider"] = decision.target.provider.name;
  headers["x-gateway-model"] = printable(decision.serving.name);
  headers["x-gateway-attempts"] = String(attempts);
  const from = fallbackFrom(decision.asked, decision.serving);
  if (from !== null) headers["x-gateway-fallback"] = printable(from);
  if (warnings.length > 0) headers["x-gateway-warnings"] = printable(warnings.join("; ")).slice(0, 2_048);
}

/** RFC 9745 and RFC 8594: that a name is going away, and when. */
export function addDeprecation(headers: HeaderFields, deprecations: readonly Deprecation[]): void {
  if (deprecations.length === 0) return;
  headers["deprecation"] = "true";
  const ends = deprecations.flatMap(({ after }) => (after === null ? [] : [after]));
  if (ends.length > 0) headers["sunset"] = new Date(Math.min(...ends)).toUTCString();
}

/** Where the time went. */
export function addTiming(headers: HeaderFields, gatewayMs: DurationMs, upstreamMs: DurationMs): void {
  headers["server-timing"] = `gateway;dur=${tenths(gatewayMs)}, upstream;dur=${tenths(upstreamMs)}`;
}

const tenths = (ms: DurationMs): number => Math.round(ms * 10) / 10;

/** What is left of the key's limits or, where it has none, of the tightest on the path of the target that served. */
export function addRateLimits(
  headers: HeaderFields,
  key: ClientKey | null,
  decision: Try | null,
  ledger: Ledger,
  now: EpochMs,
): void {
  for (const unit of ["requests", "tokens"] as const) {
    const tightest = tightestOfKey(key, unit, ledger, now) ?? tightestOfPath(decision, unit, ledger, now);
    if (tightest === null) continue;
    const { of } = tightest.rule;
    const left = Math.max(0, Math.floor(of - ledger.used(tightest, now)));
    headers[`x-ratelimit-limit-${unit}`] = String(of);
    headers[`x-ratelimit-remaining-${unit}`] = String(left);
    headers[`x-ratelimit-reset-${unit}`] = duration(ledger.untilReset(tightest, now));
  }
}

type Owned = Pick<Claim, "scope" | "name" | "rule">;
type Unit = "requests" | "tokens";

const counts = ({ limit }: Rule, unit: Unit): boolean =>
  counted[limit].kind === "window" && counted[limit].unit === unit;

function tightestOfKey(key: ClientKey | null, unit: Unit, ledger: Ledger, now: EpochMs): Owned | null {
  let tightest: Owned | null = null;
  for (const rule of key?.limits ?? []) {
    if (counts(rule, unit))
      tightest = tighter({ scope: "key", name: key?.id ?? "", rule }, tightest, ledger, now);
  }
  return tightest;
}

function tightestOfPath(decision: Try | null, unit: Unit, ledger: Ledger, now: EpochMs): Owned | null {
  let tightest: Owned | null = null;
  for (const claim of decision?.claims ?? []) {
    if (!perRequest(claim) && counts(claim.rule, unit)) tightest = tighter(claim, tightest, ledger, now);
  }
  return tightest;
}

const tighter = (rule: Owned, than: Owned | null, ledger: Ledger, now: EpochMs): Owned =>
  than === null || ledger.headroom(rule, now) < ledger.headroom(than, now) ? rule : than;

/** As OpenAI writes them: `120ms`, `12s`, `6m0s`, `2h3m0s`. */
export function duration(ms: DurationMs): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const whole = Math.ceil(ms / 1_000);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** Header values are Latin-1 and on one line. */
const printable = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/[^\x20-\x7e]/g, "?");
