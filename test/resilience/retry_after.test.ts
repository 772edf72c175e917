import { describe, expect, test } from "bun:test";
import { retryAfter } from "../../src/resilience/retry_after.ts";

const now = Date.UTC(2026, 10, 21, 8, 30, 0);
const day = 86_400_000;

const forms: readonly [string, Record<string, string>, number | null][] = [
  ["nothing", {}, null],
  ["whole seconds", { "retry-after": "20" }, 20_000],
  ["fractions of a second", { "retry-after": "1.5" }, 1_500],
  ["zero", { "retry-after": "0" }, 0],
  ["spaces around", { "retry-after": "  7 " }, 7_000],
  ["negative seconds", { "retry-after": "-3" }, 0],
  ["an IMF-fixdate", { "retry-after": "Sat, 21 Nov 2026 08:30:30 GMT" }, 30_000],
  ["an RFC 850 date", { "retry-after": "Saturday, 21-Nov-26 08:31:00 GMT" }, 60_000],
  ["an RFC 850 date of the last century", { "retry-after": "Sunday, 06-Nov-94 08:49:37 GMT" }, 0],
  ["an asctime date, which is UTC", { "retry-after": "Sat Nov 21 08:30:10 2026" }, 10_000],
  ["an asctime date with a padded day", { "retry-after": "Tue Dec  1 08:30:00 2026" }, day],
  ["an RFC 3339 date", { "retry-after": "2026-11-21T08:30:02.500Z" }, 2_500],
  ["a date that has passed", { "retry-after": "Fri, 20 Nov 2026 08:30:00 GMT" }, 0],
  ["a duration", { "retry-after": "1m30s" }, 90_000],
  ["milliseconds", { "retry-after-ms": "250" }, 250],
  ["fractions of a millisecond, rounded up", { "retry-after-ms": "250.2" }, 251],
  ["Azure's milliseconds", { "x-ms-retry-after-ms": "900" }, 900],
  ["milliseconds before seconds", { "retry-after-ms": "1200", "retry-after": "60" }, 1_200],
  ["junk milliseconds, then seconds", { "retry-after-ms": "soon", "retry-after": "2" }, 2_000],
  ["more than a day", { "retry-after": "999999999" }, day],
  ["junk", { "retry-after": "soon" }, null],
  ["empty", { "retry-after": "" }, null],
  ["Infinity", { "retry-after": "Infinity" }, null],
  ["hexadecimal", { "retry-after": "0x10" }, null],
  ["an exponent", { "retry-after": "1e3" }, null],
  ["two values", { "retry-after": "5, 10" }, null],
  ["a month that is none", { "retry-after": "Sat, 21 Foo 2026 08:30:30 GMT" }, null],
  [
    "a reset in seconds",
    { "x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-requests": "0" },
    1_000,
  ],
  [
    "a reset in minutes",
    { "x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0" },
    360_000,
  ],
  [
    "a reset in milliseconds",
    { "x-ratelimit-reset-requests": "120ms", "x-ratelimit-remaining-requests": "0" },
    120,
  ],
  ["a reset of several units", { "x-ratelimit-reset-tokens": "1h2m3.5s" }, 3_723_500],
  ["a reset in bare seconds", { "ratelimit-reset": "12" }, 12_000],
  ["a reset as Unix seconds", { "x-ratelimit-reset": String(now / 1_000 + 9) }, 9_000],
  ["a reset as Unix milliseconds", { "x-ratelimit-reset": String(now + 4_321) }, 4_321],
  ["Anthropic's reset", { "anthropic-ratelimit-tokens-reset": "2026-11-21T08:30:45Z" }, 45_000],
  [
    "the limit that is spent, not the other",
    {
      "x-ratelimit-reset-requests": "9s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "3m",
      "x-ratelimit-remaining-tokens": "4000",
    },
    9_000,
  ],
  [
    "both limits spent: the later one",
    {
      "x-ratelimit-reset-requests": "9s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "12s",
      "x-ratelimit-remaining-tokens": "0",
    },
    12_000,
  ],
  ["a limit that is not spent", { "x-ratelimit-reset": "30", "x-ratelimit-remaining": "7" }, null],
  [
    "resets of which nobody says what is left: the earlier one",
    { "x-ratelimit-reset": "30", "ratelimit-reset": "20" },
    20_000,
  ],
  [
    "Retry-After before resets",
    { "retry-after": "2", "x-ratelimit-reset": "30", "x-ratelimit-remaining": "0" },
    2_000,
  ],
  ["a junk reset", { "x-ratelimit-reset": "later" }, null],
];

describe("how long a provider asks us to stay away", () => {
  test.each(forms)("%s", (_name, headers, expected) => {
    expect(retryAfter(new Headers(headers), now)).toBe(expected);
  });
});
