// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.

/** Of LiteLLM; every secret in it begins with `canary`. */
export const litellm = `model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://acme-eu.openai.azure.com/
      api_key: os.environ/AZURE_EU_KEY
      api_version: "2024-06-01"
      rpm: 6
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-ca
      api_base: https://acme-ca.openai.azure.com/
      api_key: canary-of-azure
      api_version: "2024-06-01"
      rpm: 12
      stream_timeout: 30
  - model_name: sonnet
    litellm_params: { model: anthropic/claude-sonnet-4-5, max_tokens: 4096 }
    model_info:
      mode: chat
      input_cost_per_token: 0.000003
      output_cost_per_token: 0.000015
      supports_vision: true
  - model_name: openai/*
    litellm_params:
      model: openai/*
      api_key: os.environ/OPENAI_API_KEY
      organization: org-acme
router_settings:
  routing_strategy: simple-shuffle
  model_group_alias: { gpt-4: gpt-4o }
  allowed_fails: 3
  cooldown_time: 30
  redis_host: os.environ/REDIS_HOST
litellm_settings:
  drop_params: true
  num_retries: 2
  fallbacks: [{ gpt-4o: [sonnet] }, { sonnet: [gpt-4o] }]
  context_window_fallbacks: [{ gpt-4o: [sonnet] }]
  success_callback: [langfuse, prometheus]
general_settings:
  master_key: canary-of-the-master
  database_url: postgresql://u:canary-of-the-database@db/litellm
`;

/** With `api_provider` and `model_config`. */
export const modelConfig = `api_provider:
  openai:
    api_key: canary-of-openai
    base_url: https://api.openai.com/v1
    rpm: 500
    tpm: 200k
  anthropic:
    api_key: \${ANTHROPIC_KEY}
    rpd: 10K
  our server:
    base_url: 127.0.0.1:8000/v1
    tpm: 1M
    tpr: 2M
    region: eu
model_config:
  gpt-4o:
    provider: openai
    model: gpt-4o-2024-11-20
    alias: [smart, gpt 4]
    enable: true
    rpm: 100
    temperature: 0.3
  claude:
    api_provider: anthropic
    model: claude-sonnet-4-5
    alias: smart
    limits: { rpm: 50, tpm: 100k, rpd: 1000, tpr: 8k }
  qwen3:
    provider: our server
    enable: false
default_model: gpt-4o
`;

/** With a list of `models`, and `proxy`. */
export const modelsProxy = `models:
  - name: fast
    provider: openai
    model_name: gpt-4o-mini
    api_key: canary-of-openai
    default_params: { temperature: 0.7, max_tokens: 1000, api_token: canary-of-a-tool }
  - name: fast
    provider: mistral
    model_name: mistral-small-latest
    api_key: \${MISTRAL_KEY}
  - provider: gemini
    model_name: gemini-2.5-flash
    enabled: false
  - { name: odd, provider: nobody, model_name: x }
proxy:
  host: 0.0.0.0
  port: 8000
  api_keys: [canary-of-a-client, "\${CLIENT_TWO}", canary-of-a-client]
  timeout: 60
  max_retries: 3
  cors_origins: ["https://app.example"]
  workers: 4
`;

/** With `models.openai`, `models.request` and `auth.api_keys`. */
export const modelsByKind = `models:
  openai:
    - name: gpt-4o
      api_key: canary-of-openai
      aliases: [chat]
      rpm: 60
    - name: llama
      model: meta/llama-3
      base_url: http://10.0.0.5:8000/v1/chat/completions
  request:
    - name: own-llm
      url: https://llm.example/api/generate
      auth_url: https://auth.example/token
      username: svc
      password: canary-of-svc
      token_cache_hours: 8
      headers: { X-Api-Key: canary-in-a-header, X-Env: prod }
      response_path: data.output
      request_template: { prompt: "{prompt}" }
auth:
  api_keys: [canary-of-a-client, { name: ops, key: canary-of-ops, rpm: 10 }]
`;

/** A `.env`. */
export const env = `# keys
OPENAI_API_KEY=sk-canary-1
export OPENAI_BASE_URL="https://eu.llm.example/v1?key=canary"
OPENAI_MODEL='gpt-4o-mini' # the model
ANTHROPIC_API_KEY=canary-2
LITELLM_MASTER_KEY=sk-canary-3
LITELLM_SALT_KEY=canary-4
DATABASE_URL=postgres://canary-5
PORT=4000
AZURE_API_KEY=canary-6
AZURE_API_BASE=https://acme.openai.azure.com
AZURE_API_VERSION=2024-06-01
`;
