import { distance } from "fastest-levenshtein";

/** The known word that was probably meant; null when none is near. */
export function suggest(found: string, known: Iterable<string>): string | null {
  const wanted = fold(found);
  let best: string | null = null;
  let least = Math.max(1, Math.round(found.length / 3)) + 0.5;
  for (const word of known) {
    const between = nearness(wanted, fold(word));
    if (between < least) {
      best = word;
      least = between;
    }
  }
  return best;
}

/** Edits between two words; swapped letters are one slip, and so is a word cut short. */
function nearness(a: string, b: string): number {
  if (a.length > 2 && [...a].toSorted().join() === [...b].toSorted().join()) return a === b ? 0 : 1;
  if (a.length > 2 && (b.startsWith(a) || a.startsWith(b))) return Math.min(distance(a, b), 1.25);
  return distance(a, b);
}

/** ` Did you mean "x"?`, or nothing. */
export const didYouMean = (suggestion: string | null): string =>
  suggestion === null ? "" : ` Did you mean "${suggestion}"?`;

/** `apiKey`, `api-key` and `API_KEY` are all near `api_key`. */
const fold = (word: string): string =>
  word
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll("-", "_");
