import type { ProviderKind } from "../../../src/domain/provider_kind.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { mistral } from "./mistral.ts";
import type { Protocol } from "./mock.ts";
import { openai } from "./openai.ts";
import { qwen } from "./qwen.ts";
import { service } from "./service.ts";

/** A strict protocol of each kind that has one, with a fresh memory each time. */
export const protocols = {
  openai,
  anthropic,
  gemini,
  mistral,
  qwen,
  request: service,
} as const satisfies Partial<Record<ProviderKind, () => Protocol>>;

/** One key of {@link protocols}. */
export type StrictKind = keyof typeof protocols;
