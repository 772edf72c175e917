/** What the size of a request is judged by. */
export interface RequestSize {
  /** UTF-8 bytes of text, data URLs left out. */
  readonly textBytes: number;
  /** What bounds one answer, in tokens; null when nothing does. */
  readonly maxTokens: number | null;
  /** How many answers are asked for. */
  readonly n: number;
}

/** Tokens of prompt and answers as tpm and budgets reserve them, with what was learned of the upstream model. */
export const estimateTokens = (size: RequestSize, tokensPerByte: number, meanAnswer: number): number =>
  Math.ceil(size.textBytes * tokensPerByte) + Math.ceil(size.maxTokens ?? meanAnswer) * answers(size);

/** Tokens as `tpr` and `context` judge them: a quarter of the bytes and what was asked for, so that the rule is the same every day. */
export const ceilingTokens = (size: RequestSize): number =>
  Math.ceil(size.textBytes / 4) + Math.ceil(size.maxTokens ?? 0) * answers(size);

const answers = (size: RequestSize): number => Math.max(1, size.n);
