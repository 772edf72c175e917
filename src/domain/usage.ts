/**
 * Tokens of one answer, in OpenAI's sense: `prompt` includes what came from a cache, `completion` includes reasoning.
 * What a provider did not say is null, never 0.
 */
export interface Usage {
  readonly prompt: number | null;
  readonly completion: number | null;
  readonly total: number | null;
  readonly cached: number | null;
  readonly cacheWrite: number | null;
  readonly reasoning: number | null;
}

/** Nothing known. */
export const noUsage: Usage = {
  prompt: null,
  completion: null,
  total: null,
  cached: null,
  cacheWrite: null,
  reasoning: null,
};

/** Tokens of several attempts together; what only one of them knows is known. */
export function addUsage(a: Usage, b: Usage): Usage {
  const plus = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : x + y);
  return {
    prompt: plus(a.prompt, b.prompt),
    completion: plus(a.completion, b.completion),
    total: plus(a.total, b.total),
    cached: plus(a.cached, b.cached),
    cacheWrite: plus(a.cacheWrite, b.cacheWrite),
    reasoning: plus(a.reasoning, b.reasoning),
  };
}
