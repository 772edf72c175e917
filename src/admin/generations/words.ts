/** What becomes of a generation, in a word and a colour. */
export type Colour = "good" | "warn" | "bad" | "calm";

const colours: Readonly<Record<string, Colour>> = {
  active: "good",
  canary: "warn",
  held: "warn",
  retired: "calm",
  quarantined: "bad",
  rejected: "bad",
};

/** The word is the gateway's own. */
export const stateWords = (state: string): { readonly word: string; readonly colour: Colour } => ({
  word: state,
  colour: colours[state] ?? "calm",
});

/** `7be2d10a`, as much of a digest or a commit as people read. */
export const short = (hex: string): string => hex.slice(0, 8);

/** `Ana` of `Ana <ana@example.com>`. */
export const nameIn = (author: string): string => author.replace(/\s*<[^<>]*>$/, "") || author;

/** `1 error`, `2 errors`. */
export const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
