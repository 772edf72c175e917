/** What one generation of Claude models can do. https://docs.claude.com/en/docs/about-claude/models/overview */
export interface ModelTraits {
  /** How thinking is asked for: not at all, by a budget of tokens, or by an effort. */
  readonly thinking: "none" | "budget" | "adaptive";
  /** The efforts that it knows beyond low, medium and high, by OpenAI's name. */
  readonly xhigh: "xhigh" | "max" | null;
  /** Thinking is left out of the answer unless its summary is asked for. */
  readonly hidesThinking: boolean;
  /** Whether an answer can be held to a JSON Schema. */
  readonly structured: boolean;
  /** `temperature` and `top_p`: both, one of them, or neither. */
  readonly sampling: "free" | "one" | "fixed";
  /** What `max_tokens` is when nobody says: as much as the model can write without its window being at risk. */
  readonly maxTokens: number;
}

const traits = (
  thinking: ModelTraits["thinking"],
  sampling: ModelTraits["sampling"],
  structured: boolean,
  maxTokens: number,
): ModelTraits => ({ thinking, xhigh: null, hidesThinking: false, structured, sampling, maxTokens });

/** From this version on; the last that fits counts. Version 4.5 is 405. */
const generations: readonly (readonly [from: number, traits: ModelTraits])[] = [
  [0, traits("none", "free", false, 4_096)],
  [305, traits("none", "free", false, 8_192)],
  [307, traits("budget", "free", false, 32_000)],
  [401, traits("budget", "one", false, 32_000)],
  [405, traits("budget", "one", true, 64_000)],
  [406, { ...traits("adaptive", "one", true, 64_000), xhigh: "max" }],
  [407, { ...traits("adaptive", "fixed", true, 64_000), xhigh: "xhigh", hidesThinking: true }],
];

/** Other vendors' models behind the same protocol: what all of them understand. */
const foreign = traits("budget", "free", false, 8_192);

/** What a model can do, by its name on any cloud: `claude-3-5-haiku-20241022`, `anthropic.claude-opus-4-1-v1:0`, `claude-sonnet-4@20250514`. */
export function traitsOf(model: string): ModelTraits {
  const version = versionOf(model);
  if (version === null) return foreign;
  return generations.findLast(([from]) => version >= from)?.[1] ?? foreign;
}

/** 305 for 3.5; null for a name that is not Claude's. Eight digits behind it are a date, not a minor version. */
function versionOf(model: string): number | null {
  const found =
    /claude-(\d)(?:[-.](\d{1,2}))?-[a-z]/.exec(model) ??
    /claude-[a-z]+-(\d)(?:[-.](\d{1,2}))?(?![\d.])/.exec(model);
  if (found === null) return /claude-(?:instant|v?2)/.test(model) ? 200 : null;
  return Number(found[1]) * 100 + Number(found[2] ?? 0);
}
