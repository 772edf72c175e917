import type { Adapter } from "../domain/adapter.ts";
import type { ProviderKind } from "../domain/provider_kind.ts";
import { anthropic } from "./anthropic.ts";
import { withCompletions } from "./completions.ts";
import { gemini } from "./gemini.ts";
import { mistral } from "./mistral.ts";
import { openai } from "./openai.ts";
import { qwen } from "./qwen.ts";
import { request } from "./request.ts";
import { simulated } from "./simulated.ts";

/** THE list of adapters: a new kind of provider is one file and one line here. Those without text completions serve them by chat. */
export const adapters: Readonly<Record<ProviderKind, Adapter>> = {
  openai: withCompletions(openai),
  anthropic: withCompletions(anthropic),
  gemini: withCompletions(gemini),
  mistral: withCompletions(mistral),
  qwen: withCompletions(qwen),
  request: withCompletions(request),
  simulated: withCompletions(simulated),
};

/** The adapter of a kind. */
export const adapterOf = (kind: ProviderKind): Adapter => adapters[kind];
