import { distance } from "fastest-levenshtein";

/** The known word that was probably meant; null when none is near. */
export function suggest(found: string, known: Iterable<string>): string | null {
  const wanted = fold(found);
  let best: string | null = null;
  let least = Math.max(1, Math.round(found.length / 3)) + 0.5;
  for (const word of known) {
    const between = nearness(wanted, fold(word), least);
    if (between < least) {
      best = word;
      least = between;
    }
  }
  return best;
}

/**
 * Edits between two words; swapped letters are one slip, and so is a word cut short. Exact only below `limit`: thousands of
 * names that dangle are each compared with thousands that do not.
 */
function nearness(a: string, b: string, limit: number): number {
  if (a.length > 2 && isShuffled(a, b)) return a === b ? 0 : 1;
  if (a.length > 2 && (b.startsWith(a) || a.startsWith(b))) return Math.min(distance(a, b), 1.25);
  return Math.abs(a.length - b.length) >= limit ? limit : distance(a, b);
}

const isShuffled = (a: string, b: string): boolean =>
  a.length === b.length && sum(a) === sum(b) && sorted(a) === sorted(b);

const sorted = (word: string): string => [...word].toSorted().join();

function sum(word: string): number {
  let total = 0;
  for (let at = 0; at < word.length; at += 1) total += word.charCodeAt(at);
  return total;
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
