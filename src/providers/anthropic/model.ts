/** What one generation of Claude models can do. https://docs.claude.com/en/docs/about-claude/models/overview */
export interface ModelTraits {
  /** How thinking is asked for: not at all, by a budget of tokens, or by an effort. */
  readonly thinking: "none" | "budget" | "adaptive";
  /** The effort beyond high, by the model's name for it; null where there is none. */
  readonly xhigh: "xhigh" | "max" | null;
  /** Thinking is left out of the answer unless its summary is asked for. */
  readonly hidesThinking: boolean;
  /** Whether an answer can be held to a JSON Schema. */
  readonly structured: boolean;
  /** `temperature` and `top_p`: both, one of them, or neither. */
  readonly sampling: "free" | "one" | "fixed";
  /** What `max_tokens` is when nobody says: as much as the model can write without its window being at risk. */
  readonly maxTokens: number;
  /** A larger `max_tokens` is refused; null where that is not known. */
  readonly mostTokens: number | null;
}

/** Other vendors' models behind the same protocol: what all of them understand. */
const foreign: ModelTraits = {
  thinking: "budget",
  xhigh: null,
  hidesThinking: false,
  structured: false,
  sampling: "free",
  maxTokens: 8_192,
  mostTokens: null,
};
const oldest: ModelTraits = { ...foreign, thinking: "none", maxTokens: 4_096, mostTokens: 4_096 };
const thinking: ModelTraits = { ...foreign, maxTokens: 32_000, mostTokens: 64_000 };
const structured: ModelTraits = { ...thinking, structured: true, sampling: "one", maxTokens: 64_000 };
const adaptive: ModelTraits = { ...structured, thinking: "adaptive", xhigh: "max", mostTokens: null };

/** From this version on, the last that fits counts; 4.5 is 405. A line's name narrows it further. */
const generations: readonly (readonly [from: number, line: RegExp, traits: ModelTraits])[] = [
  [0, /./, oldest],
  [305, /./, { ...oldest, maxTokens: 8_192, mostTokens: 8_192 }],
  [307, /./, thinking],
  [400, /opus/, { ...thinking, mostTokens: 32_000 }],
  [401, /opus/, { ...thinking, sampling: "one", mostTokens: 32_000 }],
  [405, /./, structured],
  [406, /./, adaptive],
  [407, /./, { ...adaptive, sampling: "fixed", xhigh: "xhigh", hidesThinking: true }],
];

/** What a model can do, by its name on any cloud: `claude-3-5-haiku-20241022`, `anthropic.claude-opus-4-1-v1:0`, `claude-sonnet-4@20250514`. */
export function traitsOf(model: string): ModelTraits {
  const version = versionOf(model);
  if (version === null) return foreign;
  return generations.findLast(([from, line]) => version >= from && line.test(model))?.[2] ?? foreign;
}

/** 305 for 3.5; null for a name that is not Claude's. Eight digits behind it are a date, not a minor version. */
function versionOf(model: string): number | null {
  const found =
    /claude-(\d)(?:[-.](\d{1,2}))?-[a-z]/.exec(model) ??
    /claude-[a-z]+-(\d)(?:[-.](\d{1,2}))?(?![\d.])/.exec(model);
  if (found === null) return /claude-(?:instant|v?2)/.test(model) ? 200 : null;
  return Number(found[1]) * 100 + Number(found[2] ?? 0);
}
