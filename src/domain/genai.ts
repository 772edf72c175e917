import type { RequestRow } from "./journal.ts";

/** OpenTelemetry's names for what is done. https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ */
const operations = { chat: "chat", completions: "text_completion", embeddings: "embeddings" } as const;

/** OpenTelemetry's names for providers; one that is not of them keeps the name that the file gives it. */
const vendors: Readonly<Record<string, string>> = {
  openai: "openai",
  anthropic: "anthropic",
  gemini: "gcp.gemini",
  mistral: "mistral_ai",
};

/** What OpenTelemetry calls the operation of a request. */
export const operationOf = ({ endpoint }: Pick<RequestRow, "endpoint">): string => operations[endpoint];

/** OpenTelemetry's name of a provider, by what the file calls it. */
export const vendorOf = (provider: string): string =>
  Object.hasOwn(vendors, provider) ? (vendors[provider] ?? provider) : provider;
