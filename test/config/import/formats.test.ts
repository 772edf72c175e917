// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type FormatName, importFile } from "../../../src/config/import/import.ts";
import { bodyOf, imported, losses } from "./import.ts";
import { env, modelConfig, modelsByKind, modelsProxy } from "./samples.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

describe("api_provider and model_config", () => {
  test("become a routes.yaml", () => {
    const result = imported(modelConfig);
    expect(result.format).toBe("model_config");
    expect(bodyOf(result)).toBe(`providers:
  openai:
    kind: openai
    base_url: https://api.openai.com/v1
    api_key: env:OPENAI_API_KEY
    limits: { rpm: 500, tpm: 200k }
  anthropic: { kind: anthropic, api_key: env:ANTHROPIC_KEY, limits: { rpd: 10k } }
  our-server: { kind: openai, base_url: http://127.0.0.1:8000/v1, limits: { tpm: 1M, tpr: 1M } }

models:
  gpt-4o:
    targets: [{ provider: openai, model: gpt-4o-2024-11-20, limits: { rpm: 100 }, defaults: { temperature: 0.3 } }]
  claude:
    targets: [{ provider: anthropic, model: claude-sonnet-4-5, limits: { rpm: 50, tpm: 100k, rpd: 1000, tpr: 8k } }]
  qwen3: { targets: [our-server/qwen3], enabled: false }
  smart:
    targets:
      - { provider: openai, model: gpt-4o-2024-11-20, limits: { rpm: 100 }, defaults: { temperature: 0.3 } }
      - { provider: anthropic, model: claude-sonnet-4-5, limits: { rpm: 50, tpm: 100k, rpd: 1000, tpr: 8k } }

aliases: { gpt-4: gpt-4o }

default_model: gpt-4o
`);
    expect(losses(result)).toEqual([
      "3 approximated api_provider.openai.api_key",
      "10 approximated api_provider.our server",
      "11 approximated api_provider.our server.base_url",
      "13 approximated api_provider.our server.tpr",
      "14 not_supported api_provider.our server.region",
      "19 approximated model_config.gpt-4o.alias[0]",
      "19 approximated model_config.gpt-4o.alias[1]",
      "26 approximated model_config.claude.alias",
    ]);
  });

  test.each([
    [
      "lists",
      "api_provider: [{ name: openai, api_key: env:K }]\nmodel_config: [{ model_name: gpt-4o, api_provider: openai, alias: smart }]\n",
    ],
    [
      "models within their provider",
      "api_provider:\n  openai:\n    api_key: env:K\n    model_config:\n      gpt-4o: { alias: smart }\n",
    ],
    [
      "models that hold both",
      "models:\n  - name: gpt-4o\n    api_provider: { name: openai, api_key: env:K }\n    model_config: { model: gpt-4o, alias: smart }\n",
    ],
    [
      "one of each",
      "api_provider: { name: openai, api_key: env:K }\nmodel_config: { name: gpt-4o, alias: smart }\n",
    ],
  ])("may be written as %s", (_, text) => {
    expect(bodyOf(imported(text))).toBe(`providers:
  openai: { kind: openai, api_key: env:K }

models:
  gpt-4o: { targets: [openai/gpt-4o] }

aliases: { smart: gpt-4o }
`);
  });
});

describe("models and proxy", () => {
  test("become a routes.yaml", () => {
    const result = imported(modelsProxy);
    expect(result.format).toBe("models_proxy");
    expect(bodyOf(result)).toBe(`auth:
  keys:
    - { id: client-1, secret: ${sha256("canary-of-a-client")} }
    - { id: client-2, secret: env:CLIENT_TWO }

timeouts: { first_byte: 60s, answer: 60s }

providers:
  openai: { kind: openai, api_key: env:OPENAI_API_KEY }
  mistral: { kind: mistral, api_key: env:MISTRAL_KEY }
  gemini: { kind: gemini, api_key: env:GEMINI_API_KEY }

models:
  fast:
    targets:
      - { provider: openai, model: gpt-4o-mini, defaults: { temperature: 0.7, max_tokens: 1000 } }
      - mistral/mistral-small-latest
  gemini-2.5-flash: { targets: [gemini/gemini-2.5-flash], enabled: false }

failover:
  default: { max_attempts: 4, retries: 3 }

http: { cors_origins: [https://app.example] }
`);
    expect(losses(result)).toEqual([
      "5 approximated models[0].api_key",
      "6 not_supported models[0].default_params.api_token",
      "14 not_supported models[3]",
      "14 not_supported models[3].provider",
      "16 approximated proxy.host",
      "17 approximated proxy.port",
      "19 approximated proxy.timeout",
      "20 approximated proxy.max_retries",
      "22 not_supported proxy.workers",
    ]);
  });
});

describe("models by kind, and auth.api_keys", () => {
  test("become a routes.yaml; a private service keeps its login", () => {
    const result = imported(modelsByKind);
    expect(result.format).toBe("models_by_kind");
    expect(bodyOf(result)).toBe(`auth:
  keys:
    - { id: client-1, secret: ${sha256("canary-of-a-client")} }
    - { id: ops, secret: ${sha256("canary-of-ops")}, limits: { rpm: 10 } }

providers:
  openai: { kind: openai, api_key: env:OPENAI_API_KEY }
  openai-2: { kind: openai, base_url: http://10.0.0.5:8000/v1 }
  own-llm:
    kind: request
    base_url: https://llm.example
    auth_url: https://auth.example/token
    username: svc
    password: env:OWN_LLM_PASSWORD
    token_cache_hours: 8
    request: { path: /api/generate }
    answer: { text: /data/output }
    headers: { X-Api-Key: "\${OWN_LLM_X_API_KEY}", X-Env: prod }

models:
  gpt-4o: { targets: [{ provider: openai, limits: { rpm: 60 } }] }
  llama: { targets: [openai-2/meta/llama-3] }
  own-llm: { targets: [own-llm/own-llm] }

aliases: { chat: gpt-4o }
`);
    expect(losses(result)).toEqual([
      "4 approximated models.openai[0].api_key",
      "12 approximated models.request[0].url",
      "15 approximated models.request[0].password",
      "17 approximated models.request[0].headers.X-Api-Key",
      "19 not_supported models.request[0].request_template",
    ]);
  });

  test.each([
    ["by name", "{ ops: canary-key-one }", "ops"],
    ["by themselves", "{ sk-canary-key-one: ops }", "ops"],
    ["with rules, by name", "{ ops: { key: canary-key-one } }", "ops"],
    ["with rules, by themselves", "{ sk-canary-key-one: { name: ops } }", "ops"],
    ["that are switched off", "[canary-key-one]\n  enabled: false", null],
  ])("keys %s", (_, keys, id) => {
    const result = imported(
      `models: { openai: [{ name: a, api_key: env:K }] }\nauth:\n  api_keys: ${keys}\n`,
    );
    expect(/id: (\S+),/.exec(result.routes)?.[1] ?? null).toBe(id);
    expect(JSON.stringify(result)).not.toContain("canary");
  });
});

test("a key keeps the models that it may use, as far as they came over, and gets no others", () => {
  const { routes } = imported(`models: { openai: [{ name: big one, api_key: env:K }] }
auth:
  api_keys:
    - { name: a, key: canary-a, models: [big one, gone, "b*"] }
    - { name: b, key: canary-b, models: [gone] }
`);
  expect(routes).toMatch(/id: a\n *secret: \S+\n *models: \[big-one, "b\*"\]/);
  expect(routes).toMatch(/id: b, secret: \S+, models: \["!\*"\] }/);
});

describe("a .env", () => {
  test("gives a provider for each key, a pattern for its models, and the model that is named", () => {
    const result = imported(env);
    expect(result.format).toBe("env");
    expect(bodyOf(result)).toBe(`auth:
  keys:
    - { id: master, secret: env:LITELLM_MASTER_KEY, role: admin }

providers:
  openai: { kind: openai, base_url: https://eu.llm.example/v1, api_key: env:OPENAI_API_KEY }
  anthropic: { kind: anthropic, api_key: env:ANTHROPIC_API_KEY }
  azure:
    kind: openai
    base_url: "https://acme.openai.azure.com/openai/deployments/{model}"
    query: { api-version: 2024-06-01 }
    api_key: env:AZURE_API_KEY
    api_key_header: api-key

models:
  "openai/*": { targets: ["openai/*"] }
  gpt-4o-mini: { targets: [openai/gpt-4o-mini] }
  "anthropic/*": { targets: ["anthropic/*"] }
  "azure/*": { targets: ["azure/*"] }

default_model: gpt-4o-mini
`);
    expect(losses(result)).toEqual([
      "3 approximated OPENAI_BASE_URL",
      "7 not_supported LITELLM_SALT_KEY",
      "8 not_supported DATABASE_URL",
    ]);
  });

  test("with one provider lets clients ask for its models by their own names", () => {
    expect(
      imported("MISTRAL_API_KEY=x\nLITELLM_MODEL=mistral/mistral-small-latest\n").routes,
    ).toContain(`models:
  "mistral/*": { targets: ["mistral/*"] }
  "*": { targets: ["mistral/*"] }
  mistral-small-latest: { targets: [mistral/mistral-small-latest] }
`);
  });
});

describe("what cannot be imported", () => {
  test.each<[string, string, FormatName | null, string]>([
    ["a file of no known shape", "colour: red\n", null, "unknown_format"],
    ["a list", "- a\n", null, "unreadable"],
    [
      "a routes.yaml",
      "version: 1\nproviders: { a: { kind: simulated } }\nmodels: { a: { targets: [a/b] } }\n",
      null,
      "already_ours",
    ],
    ["broken YAML", "model_list: [\n", null, "unreadable"],
    ["a configuration without models", "litellm_settings: { drop_params: true }\n", null, "nothing"],
    ["a .env without a key", "COLOUR=red\n", null, "nothing"],
    ["another shape than is said", "model_list: []\n", "models_proxy", "nothing"],
  ])("%s", (_, text, from, reason) => {
    expect(importFile({ name: "old.yaml", text }, from, "0.1.0")).toMatchObject({
      ok: false,
      error: { reason },
    });
  });
});
