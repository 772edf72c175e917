import type { Written } from "./scalars.ts";

/** A value as it will be printed. */
export type Piece = Inline | Block | Collection;

/** A value on one line: a scalar in its final form, or an alias. */
export interface Inline extends Written {
  readonly kind: "inline";
  readonly anchor: string;
}

/** A text over several lines behind `|` or `>`: lines without their indentation. */
export interface Block {
  readonly kind: "block";
  readonly anchor: string;
  readonly header: string;
  readonly lines: readonly string[];
}

/** A mapping or a list. */
export interface Collection {
  readonly kind: "mapping" | "sequence";
  readonly anchor: string;
  /** Written in braces or brackets. */
  readonly isFlow: boolean;
  readonly items: readonly Item[];
  /** Comments behind the last item, "" for an empty line. */
  readonly footer: readonly string[];
}

/** One entry of a collection with the comments that belong to it. */
export interface Item {
  /** Null in a list. */
  readonly key: Key | null;
  readonly value: Piece;
  /** Comment lines above it, "" for an empty line. */
  readonly above: readonly string[];
  /** The comment behind it on the line where it begins. */
  readonly beside: string | null;
}

/** A key by its meaning and as it is written. */
export interface Key {
  readonly name: string;
  readonly text: string;
}

export const isCollection = (piece: Piece): piece is Collection =>
  piece.kind === "mapping" || piece.kind === "sequence";
