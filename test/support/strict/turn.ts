/** A tool that a scripted model calls. */
export interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What a scripted model says in one turn; each protocol has its own words for it. */
export interface Turn {
  /** Shown where the request switches thinking on, and signed where the protocol signs it. */
  readonly reasoning?: string;
  /** The thinking is encrypted instead of shown, where the protocol has that. */
  readonly redacted?: boolean;
  readonly text?: string;
  readonly calls?: readonly Call[];
}

/** What every protocol asks for, in words of none: enough for one script to answer them all. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  /** Text of the last user turn. */
  readonly user: string;
  /** How many images the conversation shows. */
  readonly images: number;
  /** Names of the tools that may be called; none when calling is forbidden. */
  readonly tools: readonly string[];
  /** What tools gave since the model spoke last, in order. */
  readonly results: readonly string[];
  /** The JSON Schema that the answer has to follow. */
  readonly schema: unknown;
  readonly thinking: boolean;
  readonly stop: readonly string[];
}

/** The script: what to say to whoever asks. */
export type Say = (asked: Asked) => Turn;

/** Texts cut where a stream would cut them. */
export const inPieces = (text: string): readonly string[] => text.match(/.{1,7}/gsu) ?? [];

/** Tokens, the same in every answer. */
export const tokens = { prompt: 21, completion: 8 } as const;
