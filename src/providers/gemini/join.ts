import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import { candidatesIn, indexOf } from "./candidate.ts";

/**
 * One answer out of the pieces that `streamGenerateContent` gives as a JSON array where no events were asked for; null when a
 * piece is no object.
 */
export function joined(pieces: readonly unknown[]): Fields | null {
  let whole: Fields = {};
  const candidates = new Map<number, Fields>();
  for (const piece of pieces) {
    if (!isRecord(piece)) return null;
    whole = { ...whole, ...piece };
    for (const [position, candidate] of candidatesIn(piece).entries()) {
      const index = indexOf(candidate, position);
      candidates.set(index, continued(candidates.get(index) ?? {}, candidate));
    }
  }
  return { ...whole, candidates: [...candidates.values()] };
}

function continued(begun: Fields, next: Fields): Fields {
  const parts = [...partsOf(begun), ...partsOf(next)];
  const probabilities = [begun["logprobsResult"], next["logprobsResult"]].filter(isRecord);
  return {
    ...begun,
    ...next,
    content: { parts },
    ...(probabilities.length === 0 ? {} : { logprobsResult: appended(probabilities) }),
  };
}

const appended = (results: readonly Fields[]): Fields => ({
  chosenCandidates: results.flatMap(({ chosenCandidates: steps }) => (Array.isArray(steps) ? steps : [])),
  topCandidates: results.flatMap(({ topCandidates: steps }) => (Array.isArray(steps) ? steps : [])),
});

function partsOf({ content }: Fields): readonly unknown[] {
  return isRecord(content) && Array.isArray(content["parts"]) ? content["parts"] : [];
}
