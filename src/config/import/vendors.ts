import type { ProviderKind } from "../../domain/provider_kind.ts";

/** What a provider's name stands for in other gateways. */
export interface Vendor {
  readonly kind: ProviderKind;
  /** Where it is; none: the kind's own address, or that which the file must say. */
  readonly baseUrl?: string;
  /** The variable in which its key is looked for when the file names none; none: no key is needed. */
  readonly variable?: string;
  /** The variable in which its address is looked for when the file says none. */
  readonly address?: string;
  /** What is added to the address that the file says. */
  readonly path?: string;
}

const openai = (variable: string, baseUrl: string): Vendor => ({ kind: "openai", baseUrl, variable });

/** By the names that LiteLLM has for them, and others that are in use. */
const vendors: Readonly<Record<string, Vendor>> = {
  openai: { kind: "openai", variable: "OPENAI_API_KEY" },
  "text-completion-openai": { kind: "openai", variable: "OPENAI_API_KEY" },
  custom_openai: { kind: "openai", variable: "OPENAI_API_KEY" },
  openai_like: { kind: "openai", variable: "OPENAI_LIKE_API_KEY", address: "OPENAI_LIKE_API_BASE" },
  openai_compatible: { kind: "openai", variable: "OPENAI_API_KEY" },
  azure: { kind: "openai", variable: "AZURE_API_KEY", address: "AZURE_API_BASE" },
  azure_openai: { kind: "openai", variable: "AZURE_API_KEY", address: "AZURE_API_BASE" },
  azure_ai: { kind: "openai", variable: "AZURE_AI_API_KEY", address: "AZURE_AI_API_BASE" },
  anthropic: { kind: "anthropic", variable: "ANTHROPIC_API_KEY" },
  claude: { kind: "anthropic", variable: "ANTHROPIC_API_KEY" },
  gemini: { kind: "gemini", variable: "GEMINI_API_KEY" },
  google: { kind: "gemini", variable: "GEMINI_API_KEY" },
  mistral: { kind: "mistral", variable: "MISTRAL_API_KEY" },
  mistralai: { kind: "mistral", variable: "MISTRAL_API_KEY" },
  codestral: { kind: "mistral", baseUrl: "https://codestral.mistral.ai/v1", variable: "CODESTRAL_API_KEY" },
  dashscope: {
    kind: "qwen",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    variable: "DASHSCOPE_API_KEY",
  },
  qwen: { kind: "qwen", variable: "DASHSCOPE_API_KEY" },
  alibaba: { kind: "qwen", variable: "DASHSCOPE_API_KEY" },
  groq: openai("GROQ_API_KEY", "https://api.groq.com/openai/v1"),
  deepseek: openai("DEEPSEEK_API_KEY", "https://api.deepseek.com/v1"),
  together_ai: openai("TOGETHERAI_API_KEY", "https://api.together.xyz/v1"),
  together: openai("TOGETHER_API_KEY", "https://api.together.xyz/v1"),
  fireworks_ai: openai("FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1"),
  openrouter: openai("OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
  perplexity: openai("PERPLEXITYAI_API_KEY", "https://api.perplexity.ai"),
  xai: openai("XAI_API_KEY", "https://api.x.ai/v1"),
  deepinfra: openai("DEEPINFRA_API_KEY", "https://api.deepinfra.com/v1/openai"),
  nvidia_nim: openai("NVIDIA_NIM_API_KEY", "https://integrate.api.nvidia.com/v1"),
  cerebras: openai("CEREBRAS_API_KEY", "https://api.cerebras.ai/v1"),
  sambanova: openai("SAMBANOVA_API_KEY", "https://api.sambanova.ai/v1"),
  moonshot: openai("MOONSHOT_API_KEY", "https://api.moonshot.ai/v1"),
  zai: openai("ZAI_API_KEY", "https://api.z.ai/api/paas/v4"),
  github: openai("GITHUB_API_KEY", "https://models.github.ai/inference"),
  ollama: { kind: "openai", baseUrl: "http://127.0.0.1:11434/v1", path: "/v1" },
  ollama_chat: { kind: "openai", baseUrl: "http://127.0.0.1:11434/v1", path: "/v1" },
  lm_studio: { kind: "openai", baseUrl: "http://127.0.0.1:1234/v1" },
  hosted_vllm: { kind: "openai", address: "HOSTED_VLLM_API_BASE" },
  vllm: { kind: "openai", address: "HOSTED_VLLM_API_BASE" },
  llamafile: { kind: "openai", baseUrl: "http://127.0.0.1:8080/v1" },
  xinference: { kind: "openai", baseUrl: "http://127.0.0.1:9997/v1" },
  litellm_proxy: {
    kind: "openai",
    variable: "LITELLM_PROXY_API_KEY",
    address: "LITELLM_PROXY_API_BASE",
  },
  request: { kind: "request" },
};

/** Providers with a wire format or a login that no kind of ours has. */
const foreign = new Set(
  "bedrock sagemaker vertex_ai vertex_ai_beta cohere cohere_chat replicate huggingface watsonx databricks ai21 cloudflare petals predibase triton voyage jina_ai oobabooga palm nlp_cloud aleph_alpha snowflake bytez".split(
    " ",
  ),
);

/** Whether a name is that of a provider that cannot come over. */
export const isForeign = (name: string): boolean => foreign.has(fold(name));

/** The vendor that a name stands for: itself, or what it begins with, as in `openai-eu`. */
export function vendorOf(name: string): Vendor | null {
  const word = fold(name);
  if (Object.hasOwn(vendors, word)) return vendors[word] ?? null;
  const begun = Object.keys(vendors)
    .filter((vendor) => word.startsWith(vendor) && /^[_0-9]/.test(word.slice(vendor.length)))
    .toSorted((a, b) => b.length - a.length)[0];
  return begun === undefined ? null : (vendors[begun] ?? null);
}

/** Whether a name is Azure's OpenAI service, whose addresses name a deployment. */
export const isAzure = (name: string): boolean =>
  /^azure(_openai)?(_|$)/.test(fold(name)) && !fold(name).startsWith("azure_ai");

/** The variables that vendors' keys are in, each with its vendor. */
export const vendorsByVariable: ReadonlyMap<string, string> = new Map(
  Object.entries(vendors)
    .toReversed()
    .flatMap(([name, { variable }]) => (variable === undefined ? [] : [[variable, name] as const])),
);

/** What a bare model name of LiteLLM is served by. */
export function vendorOfModel(model: string): string {
  if (/^claude/i.test(model)) return "anthropic";
  if (/^gemini/i.test(model)) return "gemini";
  if (/^(mistral|ministral|codestral|magistral|pixtral|devstral)/i.test(model)) return "mistral";
  if (/^qwen/i.test(model)) return "qwen";
  return "openai";
}

const fold = (name: string): string => {
  const word = name.trim().toLowerCase();
  return Object.hasOwn(vendors, word) ? word : word.replace(/[\s.-]+/g, "_");
};
