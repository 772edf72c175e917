import type { Price } from "../../domain/snapshot.ts";
import type { GraphModel } from "../../routing/graph.ts";
import { usd } from "../words.ts";
import type { Board } from "./board.ts";
import { type Cause, causes } from "./shown.ts";

/** What a million tokens cost: `$2.50 in, $10.00 out per M tokens`. */
export function priceOf(price: Price | null): string {
  if (price === null) return "no price known";
  const { input, output, request } = price;
  if (input === 0 && output === 0 && (request ?? 0) === 0) return "free";
  const each = request === null || request === 0 ? "" : ` + ${usd(request)} a call`;
  return `${usd(input)} in, ${usd(output)} out per M${each}`;
}

/** What is particular about a model. */
export const flagsOf = ({ default_model }: Board, model: GraphModel): readonly string[] => [
  ...(model.name === default_model ? ["default"] : []),
  ...(model.visible ? [] : ["hidden"]),
  ...(model.deprecated ? ["deprecated"] : []),
];

/** Why a model falls back, as people say it. */
export const causeSaid: Readonly<Record<Cause, string>> = {
  any: "on any failure",
  context_window: "when the prompt is too long",
  content_policy: "when the content is refused",
};

/** Where a model's requests go when its targets fail, in a sentence; empty: nowhere. */
export function fallbacksSaid({ fallbacks }: GraphModel): string {
  const told = causes.flatMap((cause) =>
    fallbacks[cause].length === 0 ? [] : `${causeSaid[cause]}: ${fallbacks[cause].join(", then ")}`,
  );
  return told.length === 0 ? "" : `Falls back ${told.join("; ")}.`;
}
