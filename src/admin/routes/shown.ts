import type { GraphModel } from "../../routing/graph.ts";
import { type Board, conditionOfModel } from "./board.ts";

/** More models than this are shown when somebody asks for them. */
export const fewModels = 20;

/** What of the file is looked at. */
export interface Wish {
  /** A part of a model's, an alias's or a provider's name; empty: everything. */
  readonly text: string;
  /** Only models with a target that does not answer. */
  readonly troubled: boolean;
  readonly all: boolean;
}

/** What is drawn: models in the order of the file, and how many more the wish has. */
export interface Shown {
  readonly models: readonly GraphModel[];
  readonly more: number;
}

/** The models that fit a wish; those that they fall back to come along. */
export function shownOf(board: Board, wish: Wish): Shown {
  const fitting = board.models.filter((model) => fits(board, model, wish));
  const few = wish.all ? fitting : fitting.slice(0, fewModels);
  const names = new Set(few.map(({ name }) => name));
  const byName = new Map(board.models.map((model) => [model.name, model]));
  // A set is walked to its end also while it grows.
  for (const name of names) for (const next of fallbacksOf(byName.get(name))) names.add(next);
  const models = board.models.filter(({ name }) => names.has(name));
  return { models, more: fitting.filter(({ name }) => !names.has(name)).length };
}

function fits(board: Board, model: GraphModel, { text, troubled }: Wish): boolean {
  const { state } = conditionOfModel(board, model);
  if (troubled && (state === "good" || state === "calm")) return false;
  const wanted = text.trim().toLowerCase();
  const names = [
    model.name,
    ...model.targets.flatMap((target) => [target.provider, `${target.provider}/${target.model}`]),
    ...board.aliases.filter(({ to }) => to === model.name).map(({ name }) => name),
  ];
  return wanted === "" || names.some((name) => name.toLowerCase().includes(wanted));
}

const fallbacksOf = (model: GraphModel | undefined): readonly string[] =>
  model === undefined ? [] : causes.flatMap((cause) => model.fallbacks[cause]);

/** Why a model may fall back, in the order in which arrows are drawn. */
export const causes = ["any", "context_window", "content_policy"] as const;
export type Cause = (typeof causes)[number];
