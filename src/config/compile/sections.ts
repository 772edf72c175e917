import type {
  Assertion,
  Gates,
  Logging,
  Retention,
  Rollout,
  Snapshot,
  Timeouts,
} from "../../domain/snapshot.ts";
import { positionOf } from "../places.ts";
import type { AssertionText, RoutesText } from "../schema/routes.ts";
import type { Making } from "./making.ts";
import type { Names } from "./names.ts";
import { valuesFor } from "./values.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const MiB = 1024 ** 2;

/** The clocks where the file sets none. */
export const standardTimeouts: Timeouts = {
  connect: 5_000,
  first_byte: minute,
  idle: minute,
  answer: 5 * minute,
  total: 10 * minute,
};

/** `http`. */
export function makeHttp(making: Making, text: RoutesText["http"]): Snapshot["http"] {
  const size = text?.max_body;
  return {
    corsOrigins: text?.cors_origins ?? [],
    maxBodyBytes:
      text === undefined || size === undefined
        ? 32 * MiB
        : valuesFor(making).size(text, "max_body", size, 128 * MiB),
  };
}

/** `logging`. */
export function makeLogging(making: Making, text: RoutesText["logging"]): Logging {
  const values = valuesFor(making);
  const { interactions = "metadata", redact = [], max_file, keep } = text ?? {};
  return {
    interactions,
    redact,
    maxFileBytes:
      text === undefined || max_file === undefined ? 100 * MiB : values.size(text, "max_file", max_file),
    keepMs: text === undefined || keep === undefined ? 14 * day : values.duration(text, "keep", keep),
  };
}

/** `metrics`. */
export function makeRetention(making: Making, text: RoutesText["metrics"]): Retention {
  const keep = text?.keep;
  const of = (key: "requests" | "minute" | "hour", fallback: number) => {
    const written = keep?.[key];
    return keep === undefined || written === undefined
      ? fallback
      : valuesFor(making).duration(keep, key, written);
  };
  return {
    requestsMs: of("requests", 30 * day),
    minuteMs: of("minute", 7 * day),
    hourMs: of("hour", 365 * day),
  };
}

/** `rollout`; null when the section is absent: a new generation is then live at once. */
export function makeRollout(making: Making, text: RoutesText["rollout"]): Rollout | null {
  if (text === undefined) return null;
  const values = valuesFor(making);
  const share = (written: string | undefined, fallback: number) =>
    written === undefined ? fallback : values.share(written);
  return {
    canary: text.canary === undefined ? 0.1 : values.part(text, "canary", text.canary),
    forMs: text.for === undefined ? 5 * minute : values.duration(text, "for", text.for),
    minRequests:
      text.min_requests === undefined ? 200 : values.whole(text, "min_requests", text.min_requests, 1),
    maxErrorIncrease: share(text.max_error_increase, 0.02),
    maxP95Increase: share(text.max_p95_increase, 0.5),
    maxCostIncrease: share(text.max_cost_increase, 0.3),
    onInconclusive: text.on_inconclusive ?? "promote",
  };
}

/** `gates`. */
export function makeGates(making: Making, text: RoutesText["gates"]): Gates {
  const replay = text?.replay;
  if (replay === undefined) return { replay: null };
  const values = valuesFor(making);
  const share = (written: string | undefined) => (written === undefined ? null : values.share(written));
  return {
    replay: {
      sinceMs: replay.since === undefined ? day : values.duration(replay, "since", replay.since),
      maxNewlyRefused: share(replay.max_newly_refused),
      maxCostIncrease: share(replay.max_cost_increase),
    },
  };
}

/** `assert`. `hasAuto`: whether `auto` is a name that one may be about. */
export function makeAsserts(
  making: Making,
  asserts: readonly AssertionText[],
  names: Names,
  hasAuto: boolean,
): readonly Assertion[] {
  const { places } = making;
  return asserts.map((text) => {
    if (!text.model.includes("*") && !(hasAuto && text.model === "auto"))
      names.require(text.model, places.value(text, "model"));
    const least = text.min_providers;
    return {
      model: text.model,
      minProviders: least === undefined ? null : valuesFor(making).whole(text, "min_providers", least, 1),
      anyTag: text.any_tag ?? [],
      onlyTags: text.only_tags ?? [],
      at: positionOf(places.of(text)),
    };
  });
}
