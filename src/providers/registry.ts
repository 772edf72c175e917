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

/** THE list of adapters: a new kind of provider is one file and one line here. */
const listed: Readonly<Partial<Record<ProviderKind, Adapter>>> = {
  openai,
  anthropic,
  gemini,
  mistral,
  qwen,
  request,
  simulated,
};

/** The same by kind; those without an endpoint for text completions serve them by chat. */
export const adapters: Readonly<Partial<Record<ProviderKind, Adapter>>> = Object.fromEntries(
  Object.entries(listed).map(([kind, adapter]) => [kind, withCompletions(adapter)]),
);

/** The adapter of a kind; null when this version speaks to none of that kind. */
export const adapterOf = (kind: ProviderKind): Adapter | null => adapters[kind] ?? null;
