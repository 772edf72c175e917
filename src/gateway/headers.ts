import type { DurationMs, EpochMs } from "../core/units.ts";
import { type Claim, limits, perRequest } from "../domain/limits.ts";
import type { Try } from "../domain/route.ts";
import type { ClientKey, Deprecation } from "../domain/snapshot.ts";
import type { Ledger } from "../limits/ledger.ts";
import { fallbackFrom } from "../routing/plan.ts";
import type { Arrival } from "./arrival.ts";
import type { Live } from "./live.ts";

/** What every answer of ours bears. */
export const commonHeaders = (arrival: Arrival, live: Live): Headers =>
  new Headers({ "x-request-id": arrival.id, "x-gateway-config": live.label });

/** Who answered, after how many attempts, and what was changed on the way. */
export function addRoute(
  headers: Headers,
  decision: Try,
  attempts: number,
  warnings: readonly string[],
): void {
  headers.set("x-gateway-provider", decision.target.provider.name);
  headers.set("x-gateway-model", printable(decision.serving.name));
  headers.set("x-gateway-attempts", String(attempts));
  const from = fallbackFrom(decision.asked, decision.serving);
  if (from !== null) headers.set("x-gateway-fallback", printable(from));
  if (warnings.length > 0) headers.set("x-gateway-warnings", printable(warnings.join("; ")).slice(0, 2_048));
}

/** RFC 9745 and RFC 8594: that a name is going away, and when. */
export function addDeprecation(headers: Headers, deprecations: readonly Deprecation[]): void {
  if (deprecations.length === 0) return;
  headers.set("deprecation", "true");
  const ends = deprecations.flatMap(({ after }) => (after === null ? [] : [after]));
  if (ends.length > 0) headers.set("sunset", new Date(Math.min(...ends)).toUTCString());
}

/** Where the time went. */
export const addTiming = (headers: Headers, gatewayMs: DurationMs, upstreamMs: DurationMs): void =>
  headers.set("server-timing", `gateway;dur=${gatewayMs.toFixed(1)}, upstream;dur=${upstreamMs.toFixed(1)}`);

/** What is left of the key's limits or, where it has none, of the tightest on the path of the target that served. */
export function addRateLimits(
  headers: Headers,
  key: ClientKey | null,
  decision: Try | null,
  ledger: Ledger,
  now: EpochMs,
): void {
  const own = (key?.limits ?? []).map((rule): Rule => ({ scope: "key", name: key?.id ?? "", rule }));
  const path = decision === null ? [] : decision.claims.filter((claim) => !perRequest(claim));
  for (const unit of ["requests", "tokens"] as const) {
    const ofUnit = (rules: readonly Rule[]) =>
      rules.filter(({ rule: { limit } }) => limits[limit].kind === "window" && limits[limit].unit === unit);
    const owned = ofUnit(own);
    const tightest = (owned.length > 0 ? owned : ofUnit(path)).reduce<Rule | null>(
      (least, rule) =>
        least === null || ledger.headroom(rule, now) < ledger.headroom(least, now) ? rule : least,
      null,
    );
    if (tightest === null) continue;
    const { of } = tightest.rule;
    headers.set(`x-ratelimit-limit-${unit}`, String(of));
    headers.set(
      `x-ratelimit-remaining-${unit}`,
      String(Math.max(0, Math.floor(of - ledger.used(tightest, now)))),
    );
    headers.set(`x-ratelimit-reset-${unit}`, duration(ledger.untilReset(tightest, now)));
  }
}

type Rule = Pick<Claim, "scope" | "name" | "rule">;

/** As OpenAI writes them: `120ms`, `12s`, `6m0s`, `2h3m0s`. */
export function duration(ms: DurationMs): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const whole = Math.ceil(ms / 1_000);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** Header values are Latin-1 and on one line. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?");
