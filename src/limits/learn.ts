/** What is assumed of a model that nobody has used yet. */
export const unlearned = { tokensPerByte: 1 / 4, meanAnswer: 256 } as const;

/** No text costs less or more than this, so what lies outside (images, tools) is not learned as text. */
const tokensPerByte = { least: 1 / 16, most: 1 } as const;
const meanAnswer = { least: 1, most: 32_768 } as const;
/** The bytes that the first assumption weighs, and what one answer takes from the weight of all before. */
const priorBytes = 4_096;
const forget = 0.05;
/** Models remembered; the one unused for longest goes first. */
const capacity = 1_000;

/** One answer, as its usage tells it. */
export interface Observation {
  readonly textBytes: number;
  /** What bounded the answer; null when nothing did. */
  readonly maxTokens: number | null;
  readonly n: number;
  /** Null where the provider did not say. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

/** What was learned of one upstream model, in plain data. */
export interface Learned {
  readonly upstream: string;
  /** Tokens and bytes of the prompts seen, older ones weighing less; their quotient is the ratio. */
  readonly tokens: number;
  readonly bytes: number;
  readonly meanAnswer: number;
}

/** What upstream models turn text into: the figures that reservations are made of. Exponentially weighted, bounded, kept by upstream model. */
export class Lessons {
  readonly #known = new Map<string, Learned>();

  /** Prompt tokens per byte of text. */
  tokensPerByte(upstream: string): number {
    const known = this.#known.get(upstream);
    return known === undefined ? unlearned.tokensPerByte : clamp(known.tokens / known.bytes, tokensPerByte);
  }

  /** Mean tokens of one answer. */
  meanAnswer(upstream: string): number {
    return this.#known.get(upstream)?.meanAnswer ?? unlearned.meanAnswer;
  }

  /** Learns from an answer that came to its own end. */
  observe(upstream: string, seen: Observation): void {
    const known = this.#known.get(upstream) ?? blank(upstream);
    // The order is of use only where something may have to go.
    if (this.#known.size > capacity / 2) this.#known.delete(upstream);
    this.#known.set(upstream, { ...known, ...ratioAfter(known, seen), meanAnswer: meanAfter(known, seen) });
    if (this.#known.size > capacity) this.#forgetOldest();
  }

  /** Everything learned, for a checkpoint. */
  saved(): readonly Learned[] {
    return [...this.#known.values()];
  }

  /** Takes a checkpoint back; figures that no checkpoint can hold are left out. */
  restore(saved: readonly Learned[]): void {
    for (const learned of saved.slice(-capacity)) {
      const { tokens, bytes, meanAnswer: mean } = learned;
      if (![tokens, bytes, mean].every((figure) => Number.isFinite(figure) && figure > 0)) continue;
      this.#known.set(learned.upstream, { ...learned, meanAnswer: clamp(mean, meanAnswer) });
    }
  }

  /** Others that know as much. */
  copy(): Lessons {
    const copy = new Lessons();
    copy.restore(this.saved());
    return copy;
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

const blank = (upstream: string): Learned => ({
  upstream,
  bytes: priorBytes,
  tokens: priorBytes * unlearned.tokensPerByte,
  meanAnswer: unlearned.meanAnswer,
});

/** Long prompts say more than short ones, which are mostly framing: sums are kept instead of a mean of quotients. */
function ratioAfter(
  known: Learned,
  { textBytes, promptTokens }: Observation,
): Pick<Learned, "tokens" | "bytes"> {
  const { tokens, bytes } = known;
  if (promptTokens === null || !(textBytes > 0) || !(promptTokens > 0)) return { tokens, bytes };
  const believed = clamp(promptTokens / textBytes, tokensPerByte) * textBytes;
  return { tokens: tokens * (1 - forget) + believed, bytes: bytes * (1 - forget) + textBytes };
}

/** An answer that ran into its bound says nothing about how long an unbounded one is. */
function meanAfter(known: Learned, { completionTokens, maxTokens, n }: Observation): number {
  if (completionTokens === null || !(completionTokens > 0)) return known.meanAnswer;
  const each = completionTokens / Math.max(1, n);
  if (maxTokens !== null && each >= maxTokens) return known.meanAnswer;
  return clamp(known.meanAnswer + forget * (each - known.meanAnswer), meanAnswer);
}

const clamp = (value: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Math.min(most, Math.max(least, value));
