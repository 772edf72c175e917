/** The lines of a text, found by offsets. */
export interface Lines {
  /** From 1. */
  readonly columnOf: (offset: number) => number;
  /** Whether the line above that of an offset is there and empty. */
  readonly isBlankAbove: (offset: number) => boolean;
}

/** Looks lines up in a text. */
export function linesOf(text: string): Lines {
  const startOf = (offset: number) => text.lastIndexOf("\n", offset - 1) + 1;
  return {
    columnOf: (offset) => offset - startOf(offset) + 1,
    isBlankAbove: (offset) => {
      const start = startOf(offset);
      if (start === 0) return false;
      return text.slice(startOf(start - 1), start - 1).trim() === "";
    },
  };
}
