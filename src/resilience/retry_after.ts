import type { DurationMs, EpochMs } from "../core/units.ts";
import { httpDate } from "./http_date.ts";

/** Longer requests to stay away are taken as this. */
export const longestRetryAfterMs: DurationMs = 86_400_000;

/** Headers that say when a limit is full again, and what was left of it. */
const resets = [
  ["x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"],
  ["x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"],
  ["x-ratelimit-reset", "x-ratelimit-remaining"],
  ["ratelimit-reset", "ratelimit-remaining"],
  ["anthropic-ratelimit-requests-reset", "anthropic-ratelimit-requests-remaining"],
  ["anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining"],
  ["anthropic-ratelimit-input-tokens-reset", "anthropic-ratelimit-input-tokens-remaining"],
  ["anthropic-ratelimit-output-tokens-reset", "anthropic-ratelimit-output-tokens-remaining"],
] as const;

/**
 * How long a provider that refused asks us to stay away: 0 when that is over already, null when it does not say.
 * `retry-after-ms` comes before `retry-after`, and both before the resets of limits that have nothing left.
 */
export function retryAfter(headers: Headers, now: EpochMs): DurationMs | null {
  const asked =
    read(headers.get("retry-after-ms"), milliseconds) ??
    read(headers.get("x-ms-retry-after-ms"), milliseconds) ??
    read(headers.get("retry-after"), (text) => seconds(text) ?? spelledOut(text) ?? until(text, now)) ??
    untilReset(headers, now);
  return asked === null ? null : Math.min(longestRetryAfterMs, Math.max(0, Math.ceil(asked)));
}

/** The last limit without anything left decides; where nobody says what is left, the first to come back. */
function untilReset(headers: Headers, now: EpochMs): DurationMs | null {
  const spent: DurationMs[] = [];
  const unsaid: DurationMs[] = [];
  for (const [reset, remaining] of resets) {
    const wait = read(
      headers.get(reset),
      (text) => moment(text, now) ?? spelledOut(text) ?? until(text, now),
    );
    const left = headers.get(remaining);
    if (wait === null) continue;
    if (left === null) unsaid.push(wait);
    else if (Number(left) <= 0) spent.push(wait);
  }
  if (spent.length > 0) return Math.max(...spent);
  return unsaid.length > 0 ? Math.min(...unsaid) : null;
}

const read = (value: string | null, form: (text: string) => number | null): number | null =>
  value === null ? null : form(value.trim());

const decimal = /^-?\d+(?:\.\d+)?$/;
const milliseconds = (text: string): DurationMs | null => (decimal.test(text) ? Number(text) : null);
const seconds = (text: string): DurationMs | null => (decimal.test(text) ? Number(text) * 1_000 : null);

/** A reset is written as seconds from now, or as a Unix time in seconds or milliseconds. */
function moment(text: string, now: EpochMs): DurationMs | null {
  const value = milliseconds(text);
  if (value === null) return null;
  if (value >= 1e11) return value - now;
  return value >= 1e9 ? value * 1_000 - now : value * 1_000;
}

const units: Readonly<Record<string, DurationMs>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Go's durations, as OpenAI and Groq write them: `1s`, `6m0s`, `120ms`, `1h2m3.5s`. */
function spelledOut(text: string): DurationMs | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, figure, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(figure) * (units[unit ?? ""] ?? 0);
  }
  return total;
}

function until(text: string, now: EpochMs): DurationMs | null {
  const at = httpDate(text, now);
  return at === null ? null : at - now;
}
