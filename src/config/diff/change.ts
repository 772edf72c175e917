import type { Position } from "../../domain/position.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { SourceFile } from "../source_file.ts";

/** What a change can do, the worst first. */
export const risks = {
  BREAKING: "a name, key or permission that clients use goes away",
  SECRET: "another secret is used",
  ACCESS: "who may call or read what, what is logged, and the guards themselves",
  ROUTE: "who answers, or how it is retried",
  CAPACITY: "limits",
  COST: "prices and budgets",
  SAFE: "only adds, or observability",
} as const;

/** One key of {@link risks}. */
export type Risk = keyof typeof risks;

/** A configuration with the texts that it was compiled from. */
export interface Side {
  readonly snapshot: Snapshot;
  readonly files: readonly SourceFile[];
}

/** One step down: to a key of a mapping, or to the item of a list that bears a name. */
export interface Step {
  readonly kind: "key" | "item";
  readonly name: string;
}

/** One thing that is not the same in two configurations. */
export interface Change {
  /** Where, by names: `models.chat.targets[openai/gpt-4o].weight`. */
  readonly path: string;
  /** What it was and what it becomes, in the words of the file, secrets by reference; null: it is not there. */
  readonly from: unknown;
  readonly to: unknown;
  readonly class: Risk;
  /** Where it stands on each side; where it does not, the nearest place that does. */
  readonly base: Position;
  readonly head: Position;
}

const plainKey = /^[A-Za-z0-9_*:/@+-]+$/;
const plainItem = /^[^\s[\]"]+$/;

/** `models.chat.targets[openai/gpt-4o]`; a name with dots or spaces stands in quotes. */
export const pathText = (steps: readonly Step[]): string =>
  steps
    .map(({ kind, name }, index) => {
      if (kind === "item") return `[${plainItem.test(name) ? name : JSON.stringify(name)}]`;
      if (!plainKey.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join("");
