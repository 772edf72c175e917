import { type Static, type TProperties, Type } from "@sinclair/typebox";
import { failureKinds } from "../../domain/failure.ts";
import { type ProviderKind, providerKinds } from "../../domain/provider_kind.ts";
import { limits, tags, timeouts } from "./common.ts";
import {
  duration,
  either,
  headerName,
  headers,
  labels,
  mapping,
  maybeSecret,
  name,
  named,
  oneOf,
  oneOrMore,
  params,
  percentage,
  pointer,
  quantity,
  secret,
  text,
  url,
  whole,
  words,
  yesNo,
} from "./words.ts";

const perMillion = (what: string) => quantity({ minimum: 0 }, `USD per million ${what}.`);
const price = either(
  text("^free$", "free"),
  mapping({
    input: perMillion("tokens of prompt"),
    cached_input: Type.Optional(perMillion("tokens of prompt that came from the provider's cache")),
    cache_write: Type.Optional(perMillion("tokens written to the provider's cache")),
    output: perMillion("tokens of answer"),
    request: Type.Optional(quantity({ minimum: 0 }, "USD per call.")),
  }),
  {
    "x-wants": "the word free, or a mapping with input and output",
    description: "USD per million tokens, or free.",
  },
);

const facts = mapping({
  price: Type.Optional(price),
  context: Type.Optional(whole(1, "Tokens of prompt and answer together.")),
  limits: Type.Optional(limits()),
  timeouts: Type.Optional(timeouts()),
});

const poolMember = mapping({
  id: Type.Optional(name()),
  key: secret(),
  limits: Type.Optional(limits()),
});
const apiKey = oneOrMore(
  either(secret(), poolMember, { "x-wants": "a reference, env:NAME or file:path, or a mapping with `key`" }),
  "Credentials to rotate over: one, or a pool.",
);

/** Keys that every kind takes. */
const common = {
  base_url: Type.Optional(
    url("http or https; {model} stands for the upstream model. Default: the kind's public address."),
  ),
  query: Type.Optional(labels()),
  api_key: Type.Optional(apiKey),
  api_key_header: Type.Optional(headerName()),
  optional: Type.Optional(
    yesNo("While its references are unset: skipped with a warning instead of an error."),
  ),
  enabled: Type.Optional(yesNo("false takes the provider out of all routes.")),
  limits: Type.Optional(limits()),
  headers: Type.Optional(headers()),
  tags: Type.Optional(tags()),
  unsupported: Type.Optional(
    oneOf(["warn", "refuse"], { description: "What to do with a parameter that the provider cannot take." }),
  ),
  defaults: Type.Optional(params("Request fields, used where the request is silent.")),
  overrides: Type.Optional(params("Request fields that always win; null removes one.")),
  timeouts: Type.Optional(timeouts()),
  models: Type.Optional(
    named(
      "^([^*\\u0000-\\u001f\\u007f]+\\*?|\\*)$",
      "an upstream model, exact or with one trailing *",
      facts,
      "Facts about upstream models.",
    ),
  ),
} satisfies TProperties;

const login = mapping(
  {
    url: url("Where the token is fetched by POST."),
    body: Type.Optional(
      named("^.+$", "a field name", secret(), "Fields of the JSON body, each a reference."),
    ),
    token: Type.Optional(pointer("Where the answer holds the token. Default: the usual places.")),
    expires_in: Type.Optional(
      pointer(
        "Where the answer holds the seconds for which the token lives, or the time at which it ends. Default: the usual places.",
      ),
    ),
    cache: Type.Optional(duration("How long a token is used at most. Default: 8h.")),
  },
  "How a token is fetched.",
);

const own = {
  openai: {},
  anthropic: {},
  gemini: {},
  mistral: {},
  qwen: {},
  request: {
    base_url: url("The address of the private service; {model} stands for the upstream model."),
    token: Type.Optional(secret()),
    login: Type.Optional(login),
    auth_url: Type.Optional(url("Short for a JSON login with username and password.")),
    username: Type.Optional(maybeSecret("A reference, or the name itself.")),
    password: Type.Optional(secret()),
    token_cache_hours: Type.Optional(
      quantity({ exclusiveMinimum: 0 }, "How long a token is used at most. Default: 8."),
    ),
    request: Type.Optional(
      mapping({
        path: Type.Optional(
          text("^/", "a path that begins with /", {
            description: "Below base_url; {model} stands for the upstream model. Default: /chat/completions.",
          }),
        ),
        body: Type.Optional(
          params(
            "Template of the JSON body. $field is the request's field with its type, also $prompt, $last_user, $system, $model, $messages; absent ones drop their key; $$ is a dollar.",
          ),
        ),
      }),
    ),
    answer: Type.Optional(
      mapping({
        text: Type.Optional(pointer("The answer's text. Default: where OpenAI has it.")),
        prompt_tokens: Type.Optional(pointer("Tokens of the prompt. Default: where OpenAI has them.")),
        completion_tokens: Type.Optional(pointer("Tokens of the answer. Default: where OpenAI has them.")),
        error: Type.Optional(
          pointer("What is there only when the service failed: its message. Default: the usual places."),
        ),
      }),
    ),
    stream: Type.Optional(
      mapping({
        text: Type.Optional(pointer("The text of one event. Default: where OpenAI has it.")),
        done: Type.Optional(words("The data of the event that ends a stream. Default: [DONE].")),
      }),
    ),
  },
  simulated: {
    latency: Type.Optional(duration("Time before the first output.")),
    tokens_per_second: Type.Optional(quantity({ exclusiveMinimum: 0 })),
    fail: Type.Optional(
      Type.Array(mapping({ kind: oneOf(failureKinds), rate: percentage() }), {
        description: "Failures and how often they happen.",
      }),
    ),
  },
} as const satisfies Record<ProviderKind, TProperties>;

/** A union whose members are told apart by one key: a mistake is looked for in one member only. */
const kinds = Object.keys(providerKinds) as readonly ProviderKind[];
const providerOf = (kind: ProviderKind) => {
  const said = Type.Literal(kind, { description: "The wire format that it speaks." });
  // What is particular to a kind stands first, as people write it, and wins over what all have.
  return mapping({ kind: said, ...own[kind], ...common, ...own[kind] }, `A provider of kind ${kind}.`);
};

/** What `providers.x` may hold, whatever its kind. */
export type ProviderText = { readonly kind: ProviderKind } & Static<ReturnType<typeof commonMapping>> &
  Partial<Static<ReturnType<typeof requestMapping>>> &
  Partial<Static<ReturnType<typeof simulatedMapping>>>;
const commonMapping = () => mapping(common);
const requestMapping = () => mapping(own.request);
const simulatedMapping = () => mapping(own.simulated);

/** A provider: `kind` decides which keys it takes. */
export const provider = Type.Unsafe<ProviderText>({
  type: "object",
  required: ["kind"],
  oneOf: kinds.map(providerOf),
  "x-tag": "kind",
  "x-code": "unknown_kind",
});
