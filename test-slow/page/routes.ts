/** What a commit of the scene says differently from the first one. */
export interface Wishes {
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly deskRpm?: number;
  /** Chat prefers the cheaper model. */
  readonly isCheap?: boolean;
}

/** The name of the variable that holds the secret of each key, and the secret. */
export const secrets = {
  KEY_WEB: "the-secret-of-the-web-app",
  KEY_DESK: "the-secret-of-the-help-desk",
  KEY_BATCH: "the-secret-of-the-nightly-batch",
} as const;

/** A routing file as a middling company has one. Every provider is simulated: nothing leaves the machine. */
export const routes = ({
  temperature = 0.7,
  maxTokens = 600,
  deskRpm = 240,
  isCheap = false,
}: Wishes = {}): string => `version: 1

attribution: { user: ["body:user"], labels: { project: "header:x-project" } }

auth:
  teams:
    search: { budget: { usd: 600, per: month } }
    support: { budget: { usd: 2, per: day } }
  keys:
    - { id: web-app, secret: env:KEY_WEB, team: search, limits: { rpm: 600, tpm: 500k } }
    - { id: help-desk, secret: env:KEY_DESK, team: support, limits: { rpm: ${deskRpm} } }
    - { id: nightly-batch, secret: env:KEY_BATCH, limits: { rpm: 6 }, budget: { usd: 60, per: week } }

providers:
  openai:
    kind: simulated
    latency: 310ms
    tokens_per_second: 160
    limits: { rpm: 900, tpm: 150k }
    fail: [{ kind: rate_limited, rate: 2% }]
    models:
      gpt-4o: { price: { input: 2.50, cached_input: 1.25, output: 10.00 }, context: 128k }
      gpt-4o-mini: { price: { input: 0.15, output: 0.60 }, context: 128k }
      text-embedding-3-small: { price: { input: 0.02, output: 0 } }
  anthropic:
    kind: simulated
    latency: 420ms
    tokens_per_second: 120
    limits: { rpm: 300 }
    fail: [{ kind: overloaded, rate: 4% }]
    models: { claude-sonnet-4-5: { price: { input: 3.00, output: 15.00 }, context: 200k } }
  gemini:
    kind: simulated
    latency: 240ms
    tokens_per_second: 220
    models: { gemini-2.5-flash: { price: { input: 0.30, output: 2.50 }, context: 1M } }
  mistral:
    kind: simulated
    latency: 180ms
    tokens_per_second: 200
    models: { mistral-small-latest: { price: { input: 0.10, output: 0.30 }, context: 128k } }
  qwen: # in trouble
    kind: simulated
    latency: 90ms
    fail: [{ kind: server, rate: 100% }]
    models: { qwen-plus: { price: { input: 0.40, output: 1.20 }, context: 131072 } }

models:
  chat:
    targets: [${isCheap ? "openai/gpt-4o-mini" : "openai/gpt-4o"}, anthropic/claude-sonnet-4-5]
    defaults: { temperature: ${temperature}, max_tokens: ${maxTokens} }
    fallbacks: { any: [small] }
  small:
    strategy: weighted
    targets: [{ provider: gemini, model: gemini-2.5-flash, weight: 3 }, { provider: mistral, model: mistral-small-latest, weight: 1 }]
  draft: { targets: [qwen/qwen-plus] }
  translate: { targets: [qwen/qwen-plus, mistral/mistral-small-latest] }
  embed: { targets: [openai/text-embedding-3-small] }

aliases: { gpt-4: chat, gpt-3.5-turbo: small }
default_model: small

failover: { default: { max_attempts: 3, breaker: { failures: 5, within: 30s, open_for: 15m } } }
rollout: { canary: 20%, for: 2h, min_requests: 400, max_error_increase: 2% }
`;

/** Tests that stand beside it. */
export const tests = `version: 1
tests:
  - name: chat is answered by OpenAI
    send: { model: chat }
    expect: { provider: openai }
  - name: small goes to somebody
    send: { model: small }
    expect: { status: 200 }
`;
