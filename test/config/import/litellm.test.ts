// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is a word of routes.yaml here.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { importFile } from "../../../src/config/import/import.ts";
import { bodyOf, imported, losses } from "./import.ts";
import { litellm } from "./samples.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

test("a configuration of every section becomes a routes.yaml", () => {
  const result = imported(litellm);
  expect(result.format).toBe("litellm");
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(bodyOf(result)).toBe(`auth:
  keys:
    - { id: master, secret: ${sha256("canary-of-the-master")}, role: admin }

providers:
  azure:
    kind: openai
    base_url: "https://acme-eu.openai.azure.com/openai/deployments/{model}"
    query: { api-version: 2024-06-01 }
    api_key: env:AZURE_EU_KEY
    api_key_header: api-key
  azure-2:
    kind: openai
    base_url: "https://acme-ca.openai.azure.com/openai/deployments/{model}"
    query: { api-version: 2024-06-01 }
    api_key: env:AZURE_API_KEY
    api_key_header: api-key
  anthropic:
    kind: anthropic
    api_key: env:ANTHROPIC_API_KEY
    models: { claude-sonnet-4-5: { price: { input: 3, output: 15 } } }
  openai: { kind: openai, api_key: env:OPENAI_API_KEY, headers: { OpenAI-Organization: org-acme } }

models:
  gpt-4o:
    strategy: weighted
    targets:
      - { provider: azure, model: gpt-4o-eu, weight: 6, limits: { rpm: 6 } }
      - provider: azure-2
        model: gpt-4o-ca
        weight: 12
        limits: { rpm: 12 }
        timeouts: { first_byte: 30s, idle: 30s }
    fallbacks: { any: [sonnet], context_window: [sonnet] }
  sonnet: { targets: [{ provider: anthropic, model: claude-sonnet-4-5, defaults: { max_tokens: 4096 } }] }
  "openai/*": { targets: ["openai/*"] }

aliases: { gpt-4: gpt-4o }

failover:
  default: { max_attempts: 6, retries: 1, breaker: { failures: 4, within: 60s, open_for: 30s } }
`);
});

test("what is only nearly so, or not at all, is told with its line", () => {
  expect(losses(imported(litellm))).toEqual([
    "8 approximated model_list[0].litellm_params.rpm",
    "13 approximated model_list[1].litellm_params.api_key",
    "15 approximated model_list[1].litellm_params.rpm",
    "16 approximated model_list[1].litellm_params.stream_timeout",
    "23 not_supported model_list[2].model_info.supports_vision",
    "34 not_supported router_settings.redis_host",
    "37 approximated litellm_settings.num_retries",
    "38 not_supported litellm_settings.fallbacks[1].sonnet[0]",
    "40 not_supported litellm_settings.success_callback[0]",
    "40 approximated litellm_settings.success_callback[1]",
    "43 not_supported general_settings.database_url",
  ]);
});

test("the variables to set are named, and those whose value stands in the file with its line", () => {
  const { variables } = imported(litellm);
  expect(
    variables.map(({ name, is_literal, line }) => `${name}${is_literal ? ` line ${line}` : ""}`),
  ).toEqual(["ANTHROPIC_API_KEY", "AZURE_API_KEY line 13", "AZURE_EU_KEY", "OPENAI_API_KEY"]);
});

/** A file with one deployment, its parameters as given. */
const deployment = (params: string, more = "", name = "chat") =>
  imported(`model_list:\n  - model_name: ${name}\n    litellm_params: { ${params} }\n${more}`);
const providersOf = (params: string) =>
  /providers:\n([\s\S]*?)\n\nmodels:/.exec(deployment(params).routes)?.[1]?.trim();
const modelsOf = (...given: Parameters<typeof deployment>) =>
  /models:\n([\s\S]*?)(\n\n|\n$)/.exec(deployment(...given).routes)?.[1]?.trim();

describe("providers", () => {
  test.each([
    ["a bare name of OpenAI", "model: gpt-4o", "openai: { kind: openai, api_key: env:OPENAI_API_KEY }"],
    [
      "a bare name of Anthropic",
      "model: claude-sonnet-4-5",
      "anthropic: { kind: anthropic, api_key: env:ANTHROPIC_API_KEY }",
    ],
    ["Gemini", "model: gemini/gemini-2.5-flash", "gemini: { kind: gemini, api_key: env:GEMINI_API_KEY }"],
    ["Mistral", "model: mistral/mistral-small", "mistral: { kind: mistral, api_key: env:MISTRAL_API_KEY }"],
    [
      "one that speaks OpenAI's format at an address of its own",
      "model: groq/llama-3.3-70b, api_key: os.environ/MY_GROQ",
      "groq: { kind: openai, base_url: https://api.groq.com/openai/v1, api_key: env:MY_GROQ }",
    ],
    [
      "a server of one's own, which needs no key",
      "model: openai/qwen3, api_base: http://10.0.0.7:8000/v1, api_key: none",
      "openai: { kind: openai, base_url: http://10.0.0.7:8000/v1 }",
    ],
    [
      "Ollama, whose OpenAI side is below /v1",
      "model: ollama/llama3, api_base: http://localhost:11434",
      "ollama: { kind: openai, base_url: http://localhost:11434/v1 }",
    ],
    [
      "a provider that is named apart",
      "model: some/model, custom_llm_provider: together_ai",
      "together_ai: { kind: openai, base_url: https://api.together.xyz/v1, api_key: env:TOGETHERAI_API_KEY }",
    ],
    [
      "an address in a variable",
      "model: openai/x, api_base: os.environ/MY_BASE, api_key: os.environ/MY_KEY",
      'openai: { kind: openai, base_url: "${MY_BASE}", api_key: env:MY_KEY }',
    ],
    [
      "an address with a query and credentials",
      'model: openai/x, api_base: "https://u:canary@llm.example/v1?region=eu&key=canary", api_key: none',
      "openai: { kind: openai, base_url: https://llm.example/v1, query: { region: eu } }",
    ],
    [
      "a header that holds a secret",
      "model: openai/x, api_key: none, api_base: http://h/v1, extra_headers: { X-Env: prod, X-Api-Token: canary }",
      'openai: { kind: openai, base_url: http://h/v1, headers: { X-Env: prod, X-Api-Token: "${OPENAI_X_API_TOKEN}" } }',
    ],
    [
      "a variable that is a setting here",
      "model: openai/x, api_key: os.environ/ADMIN_KEY",
      "openai: { kind: openai, api_key: env:ADMIN_KEY_SECRET }",
    ],
  ])("%s", (_, params, expected) => {
    expect(providersOf(params)).toBe(expected);
  });

  test("deployments that are reached in the same way are one provider, others are numbered", () => {
    const { routes } = imported(`model_list:
  - { model_name: a, litellm_params: { model: openai/x, api_key: os.environ/ONE } }
  - { model_name: b, litellm_params: { model: openai/y, api_key: os.environ/ONE } }
  - { model_name: b, litellm_params: { model: openai/y, api_key: os.environ/TWO } }
`);
    expect(routes).toContain(
      "openai: { kind: openai, api_key: env:ONE }\n  openai-2: { kind: openai, api_key: env:TWO }",
    );
    expect(routes).toContain("b: { strategy: weighted, targets: [openai/y, openai-2/y] }");
  });

  test.each(["bedrock/anthropic.claude-v2", "vertex_ai/gemini-pro", "sagemaker/x"])(
    "%s cannot come over",
    (model) => {
      const result = importFile(
        { name: "old.yaml", text: `model_list: [{ model_name: a, litellm_params: { model: ${model} } }]\n` },
        null,
        "0.1.0",
      );
      expect(result).toMatchObject({ ok: false, error: { reason: "nothing", format: "litellm" } });
    },
  );

  test("a named credential counts as if it stood in the deployment", () => {
    const credentials =
      "credential_list:\n  - { credential_name: eu, credential_values: { api_key: os.environ/EU, api_base: https://eu.example/v1 } }\n";
    const { routes } = deployment("model: openai/x, litellm_credential_name: eu", credentials);
    expect(routes).toContain("openai: { kind: openai, base_url: https://eu.example/v1, api_key: env:EU }");
  });
});

describe("models", () => {
  test.each([
    [
      "defaults",
      "model: openai/x, temperature: 0.2, stop: [a, b]",
      "chat: { targets: [{ provider: openai, model: x, defaults: { temperature: 0.2, stop: [a, b] } }] }",
    ],
    [
      "limits",
      "model: openai/chat, rpm: 60, tpm: 100000, max_parallel_requests: 4",
      "chat: { targets: [{ provider: openai, limits: { rpm: 60, tpm: 100000, concurrency: 4 } }] }",
    ],
    [
      "a timeout",
      "model: openai/x, timeout: 30",
      "chat: { targets: [{ provider: openai, model: x, timeouts: { first_byte: 30s, answer: 30s } }] }",
    ],
  ])("%s", (_, params, expected) => {
    expect(modelsOf(params)).toBe(expected);
  });

  test("names that are not possible here become others, each its own", () => {
    const { routes, findings } = imported(`model_list:
  - { model_name: "größtes Modell", litellm_params: { model: openai/x } }
  - { model_name: "grosstes-Modell", litellm_params: { model: openai/y } }
  - { model_name: "grösstes Modell", litellm_params: { model: openai/z } }
`);
    expect([...routes.matchAll(/^ {2}(\S+): \{ targets/gm)].map(([, name]) => name)).toEqual([
      "gro-tes-Modell",
      "grosstes-Modell",
      "grosstes-Modell-2",
    ]);
    expect(findings[0]).toMatchObject({
      verdict: "approximated",
      message: expect.stringContaining("models.gro-tes-Modell"),
    });
  });

  test("two deployments that go to the same place are one target with the weight and the limits of both", () => {
    const twice = "{ model_name: a, litellm_params: { model: openai/x, rpm: 10 } }";
    const { routes, findings } = imported(
      `model_list: [${twice}, ${twice}, { model_name: a, litellm_params: { model: openai/y, rpm: 5 } }]\n`,
    );
    expect(routes).toContain("{ provider: openai, model: x, weight: 20, limits: { rpm: 20 } }");
    expect(findings.some(({ message }) => message.includes("there is a target at openai/x already"))).toBe(
      true,
    );
  });

  test("an order makes them a list of priorities", () => {
    const { routes } = imported(`model_list:
  - { model_name: a, litellm_params: { model: openai/second, order: 2 } }
  - { model_name: a, litellm_params: { model: openai/first, order: 1 } }
`);
    expect(routes).toContain("a: { targets: [openai/first, openai/second] }");
  });

  test("patterns stay patterns; what has its * elsewhere cannot come over", () => {
    expect(modelsOf("model: anthropic/*", "", "anthropic/*")).toBe(
      '"anthropic/*": { targets: ["anthropic/*"] }',
    );
    expect(modelsOf('model: "*"', "", '"*"')).toBe('"*": { targets: ["openai/*"] }');
    expect(
      losses(
        imported(`model_list:
  - { model_name: a, litellm_params: { model: openai/x } }
  - { model_name: "*claude", litellm_params: { model: anthropic/x } }
`),
      ),
    ).toEqual(["3 not_supported model_list[1]"]);
  });
});

describe("what is said of routing", () => {
  test.each([
    ["least-busy", "headroom"],
    ["latency-based-routing", "latency"],
    ["cost-based-routing", "cost"],
    ["simple-shuffle", "weighted"],
  ])("%s is %s", (theirs, ours) => {
    const { routes } = imported(`model_list:
  - { model_name: a, litellm_params: { model: openai/x } }
  - { model_name: a, litellm_params: { model: gemini/y } }
router_settings: { routing_strategy: ${theirs} }
`);
    expect(routes).toContain(`a: { strategy: ${ours}, targets: [openai/x, gemini/y] }`);
  });

  test("default fallbacks are those of every model that has none, and * those of every model", () => {
    const models = ["a", "b", "c"].map(
      (name) => `{ model_name: ${name}, litellm_params: { model: openai/${name} } }`,
    );
    const { routes } = imported(
      `model_list: [${models.join(", ")}]\nlitellm_settings: { default_fallbacks: [c], fallbacks: [{ a: [b] }] }\nrouter_settings: { content_policy_fallbacks: [{ "*": [c] }] }\n`,
    );
    expect(routes).toContain("a: { targets: [openai/a], fallbacks: { any: [b], content_policy: [c] } }");
    expect(routes).toContain("b: { targets: [openai/b], fallbacks: { any: [c], content_policy: [c] } }");
    expect(routes).toContain("c: { targets: [openai/c] }");
  });

  test("an alias of what is not there, and one that bears a model's name, are left out and told", () => {
    const result = deployment(
      "model: openai/x",
      "router_settings: { model_group_alias: { a: nowhere, chat: b, b: a } }\n",
    );
    expect(result.routes).not.toContain("aliases");
    expect(losses(result)).toEqual([
      "4 not_supported router_settings.model_group_alias.a",
      "4 not_supported router_settings.model_group_alias.chat",
      "4 not_supported router_settings.model_group_alias.b",
    ]);
  });

  test("parameters that a provider cannot take are refused where LiteLLM would", () => {
    expect(deployment("model: openai/x", "litellm_settings: { drop_params: false }\n").routes).toContain(
      "unsupported: refuse",
    );
    expect(deployment("model: openai/x", "litellm_settings: { drop_params: true }\n").routes).not.toContain(
      "unsupported",
    );
  });
});

describe("as LiteLLM reads its file", () => {
  test("merge keys and aliases are followed", () => {
    const { routes } = imported(`common: &common { api_key: os.environ/SHARED, temperature: 0.5 }
model_list:
  - model_name: a
    litellm_params: { <<: *common, model: openai/x, temperature: 0.1 }
`);
    expect(routes).toContain("api_key: env:SHARED");
    expect(routes).toContain("defaults: { temperature: 0.1 }");
  });

  test("of a key that stands twice the last counts, and the first is told", () => {
    const result = deployment(
      "model: openai/x",
      "general_settings: { port: 1 }\ngeneral_settings: { max_request_size_mb: 64 }\n",
    );
    expect(result.routes).toContain("http: { max_body: 64MiB }");
    expect(losses(result)).toEqual(["4 not_supported general_settings"]);
  });

  test("other files are merged in, and one that is not there is told", () => {
    const text =
      "include: [models.yaml, gone.yaml]\nmodel_list: [{ model_name: a, litellm_params: { model: openai/x } }]\n";
    const models = "model_list:\n  - { model_name: b, litellm_params: { model: openai/y, colour: red } }\n";
    const result = importFile({ name: "old.yaml", text }, null, "0.1.0", [
      { name: "models.yaml", text: models },
    ]);
    if (!result.ok) throw new Error("refused");
    expect(result.value.routes).toContain("b: { targets: [openai/y] }");
    expect(result.value.findings.filter(({ verdict }) => verdict !== "exact")).toMatchObject([
      { file: "models.yaml", line: 2, path: "model_list[0].litellm_params.colour" },
      { file: "old.yaml", line: 1, path: "include[1]" },
    ]);
  });
});
