/** The kinds of provider there are; `src/providers/registry.ts` has one adapter for each. */
export const providerKinds = {
  openai: { baseUrl: "https://api.openai.com/v1" },
  anthropic: { baseUrl: "https://api.anthropic.com/v1" },
  gemini: { baseUrl: "https://generativelanguage.googleapis.com/v1beta" },
  mistral: { baseUrl: "https://api.mistral.ai/v1" },
  qwen: { baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1" },
  /** A private service has no public address: `base_url` is required. */
  request: { baseUrl: null },
  /** No network: a deterministic built-in model, at an address that only names it. */
  simulated: { baseUrl: "http://simulated" },
} as const satisfies Record<string, { readonly baseUrl: string | null }>;

/** One key of {@link providerKinds}. */
export type ProviderKind = keyof typeof providerKinds;
