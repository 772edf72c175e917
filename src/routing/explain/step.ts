import type { Position } from "../../domain/position.ts";

/** One thing that spoke in a decision, in words. */
export interface Step {
  readonly text: string;
  /** The line of the rule that spoke; null where it is none of the file's. */
  readonly at: Position | null;
  /** What it is about: of several steps about the same the first is told. */
  readonly about: string;
}

/** A step that is about what it says. */
export const step = (text: string, at: Position | null, about: string = text): Step => ({ text, at, about });

/** Each thing once, in the order in which it was said first. */
export function once(steps: readonly Step[]): readonly Step[] {
  const told = new Set<string>();
  return steps.filter(({ about }) => !told.has(about) && told.add(about));
}
