import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { type LimitName, limitNames, limits as limitTable } from "../../domain/limits.ts";
import { strategies } from "../../domain/snapshot.ts";
import { date, duration, mapping, oneOf, oneOrMore, publicName, quantity, whole, words } from "./words.ts";

const capital = (sentence: string): string => `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;

/** A mapping in which every key of a table may stand. */
function optional<K extends string, T>(
  keys: readonly K[],
  of: (key: K) => TSchema & { static: T },
  description: string,
) {
  const properties = Object.fromEntries(keys.map((key) => [key, of(key)]));
  return Type.Unsafe<{ readonly [key in K]?: T }>({
    type: "object",
    properties,
    additionalProperties: false,
    description,
  });
}

/** A block of limits, one key for each row of the table. */
export const limits = () =>
  optional<LimitName, number | string>(
    limitNames,
    (limit) => whole(1, capital(limitTable[limit].says)),
    "At most so many.",
  );
/** What `limits:` may hold. */
export type LimitsText = Static<ReturnType<typeof limits>>;

/** The clocks, in the order in which they run. */
export const clocks = ["connect", "first_byte", "idle", "answer", "total"] as const;
export const timeouts = () =>
  optional(clocks, () => duration(), "How long to wait; the narrowest place that sets a clock wins.");

const budgetItem = mapping({
  usd: quantity({ exclusiveMinimum: 0 }, "US dollars."),
  per: oneOf(["day", "week", "month"], { description: "Begins anew each day, week (Monday) or month, UTC." }),
});
export const budget = () => oneOrMore(budgetItem, "At most so many dollars.");

/** Globs over public names. */
export const globs = () =>
  Type.Array(words(), { description: "Public names, * stands for any text, ! denies and wins." });
export const tags = () => Type.Array(words(), { description: "Tags of providers." });

/** What keys and teams have in common. */
export const access = () => ({
  models: Type.Optional(globs()),
  any_tag: Type.Optional(tags()),
  limits: Type.Optional(limits()),
  budget: Type.Optional(budget()),
});

export const strategy = () => oneOf(strategies, { description: "How eligible targets are ordered." });
export const deprecation = () =>
  mapping(
    { use: Type.Optional(publicName()), after: Type.Optional(date()) },
    "Deprecation and Sunset headers; 410 after the date.",
  );
