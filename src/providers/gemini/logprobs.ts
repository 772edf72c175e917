import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

/** Log probabilities as OpenAI has them; null without any. https://ai.google.dev/api/generate-content#LogprobsResult */
export function logprobsOf(said: unknown): Fields | null {
  const chosen = isRecord(said) ? said["chosenCandidates"] : undefined;
  if (!isRecord(said) || !Array.isArray(chosen)) return null;
  const top = Array.isArray(said["topCandidates"]) ? said["topCandidates"] : [];
  const content = chosen.filter(isRecord).map((token, at) => ({
    ...tokenOf(token),
    top_logprobs: candidatesIn(top[at]).map(tokenOf),
  }));
  return { content, refusal: null };
}

function candidatesIn(step: unknown): readonly Fields[] {
  const candidates = isRecord(step) ? step["candidates"] : undefined;
  return Array.isArray(candidates) ? candidates.filter(isRecord) : [];
}

function tokenOf({ token: said, logProbability: logprob }: Fields): Fields {
  const token = typeof said === "string" ? said : "";
  return {
    token,
    logprob: typeof logprob === "number" ? logprob : 0,
    bytes: [...new TextEncoder().encode(token)],
  };
}
