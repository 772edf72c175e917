import type { ProviderKind } from "../../../src/domain/provider_kind.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { mistral } from "./mistral.ts";
import type { Protocol } from "./mock.ts";
import { openai } from "./openai.ts";
import { qwen } from "./qwen.ts";

/** A strict protocol of each kind that has one of its own, with a fresh memory each time. */
export const protocols = { openai, anthropic, gemini, mistral, qwen } as const satisfies Partial<
  Record<ProviderKind, () => Protocol>
>;

/** One key of {@link protocols}. */
export type StrictKind = keyof typeof protocols;
