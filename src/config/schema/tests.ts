import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { failureKinds } from "../../domain/failure.ts";
import { limitNames } from "../../domain/limits.ts";
import { tags } from "./common.ts";
import {
  duration,
  either,
  mapping,
  name,
  named,
  namePattern,
  oneOf,
  params,
  quantity,
  text,
  whole,
  wordOf,
  words,
  yesNo,
} from "./words.ts";

const nameWords = "a name of letters, digits and . _ -";
const number = "[0-9]+(\\.[0-9]+)?";

/** A number to be met: itself, or a comparison. */
const figure = (description: string) =>
  Type.Unsafe<number | string>({
    type: ["number", "string"],
    minimum: 0,
    pattern: `^((<=|>=|<|>) ?${number}(k|M)?|${number}(k|M))$`,
    "x-wants": 'a number, or a comparison such as "<0.01" or ">=3"',
    description,
  });

const span = (description: string) =>
  text(`^((<=|>=|<|>) ?)?${number}(ms|s|m|h|d)$`, 'a time such as 20s, or a comparison such as "<=30s"', {
    description,
  });

const integer = (minimum: number, description: string) =>
  Type.Unsafe<number>({ type: "integer", minimum, description });

const moment = text(
  "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
  "a moment such as 2026-01-01T00:00:00Z",
  { description: "When the case begins; default 2026-01-01T00:00:00Z." },
);

const tokens = mapping(
  { prompt: Type.Optional(whole(0)), completion: Type.Optional(whole(0)) },
  "What the answer took; default send.tokens, and 10.",
);
const outcome = either(
  wordOf(["ok", ...failureKinds]),
  mapping({
    kind: Type.Optional(oneOf(["ok", ...failureKinds], { description: "Default: what the status means." })),
    status: Type.Optional(integer(100, "The provider's HTTP status; default: what the kind comes with.")),
    retry_after: Type.Optional(duration("How long the provider asks to stay away.")),
    latency: Type.Optional(duration("To the end of the answer; default: none.")),
    ttft: Type.Optional(duration("To the first output of a stream; default: the latency.")),
    tokens: Type.Optional(tokens),
  }),
  { "x-wants": "ok, a kind of failure, or a mapping with `kind`", description: "How one attempt ends." },
);
/** One entry of `given.providers.P`. */
export type OutcomeText = Static<typeof outcome>;

const given = mapping(
  {
    at: Type.Optional(moment),
    disabled: Type.Optional(
      Type.Array(
        text(
          "^((provider|model|key) [^\\u0000-\\u0020\\u007f]+|target [^\\u0000-\\u0020\\u007f/]+/[^\\u0000-\\u001f\\u007f]+)$",
          "provider P, target P/M, model M or key K",
        ),
        { description: "What people took away by hand." },
      ),
    ),
    spent: Type.Optional(
      named(
        namePattern,
        nameWords,
        quantity({ minimum: 0 }),
        "US dollars that keys have spent already, in every period that their budgets run over.",
      ),
    ),
    providers: Type.Optional(
      named(
        namePattern,
        nameWords,
        Type.Array(outcome),
        "What becomes of the attempts at each provider, in order; then all of them are ok.",
      ),
    ),
  },
  "How things stand when the case begins.",
);

const send = mapping(
  {
    model: Type.Optional(words("The name asked for; default: the request names none.")),
    key: Type.Optional(name()),
    user: Type.Optional(words("The end user.")),
    tokens: Type.Optional(whole(0, "Of the prompt; default 10.")),
    max_tokens: Type.Optional(whole(1, "The request's own bound on its answer.")),
    stream: Type.Optional(yesNo("Whether the answer is to be streamed.")),
    tools: Type.Optional(yesNo("Whether it offers a tool.")),
    images: Type.Optional(yesNo("Whether it shows an image.")),
    params: Type.Optional(params("Further fields of the request.")),
    repeat: Type.Optional(whole(1, "How many are sent; default 1.")),
    every: Type.Optional(duration("How long after each other; default: all at once.")),
    seed: Type.Optional(integer(0, "What chance is drawn from; default 0.")),
  },
  "The request, or all of them.",
);

const forAll = mapping(
  {
    model: Type.Optional(words("Public names; * stands for any text.")),
    outage: Type.Optional(
      oneOf(["any-one-provider"], { description: "While each provider is down, and while none is." }),
    ),
  },
  "Asks for each of these; what is expected must hold for all.",
);

const limit = () => oneOf([...limitNames, "budget"], { description: "The limit that refuses." });
const code = () => words("The code of the error, as in rate_limit_exceeded.");
const header = Type.Unsafe<string | number | boolean | null>({
  type: ["string", "number", "boolean", "null"],
  "x-wants": "text, a number, a comparison, or null for none",
});

const expectations = {
  status: figure("The HTTP status of the answer."),
  code: code(),
  limit: limit(),
  provider: words("Who answered."),
  model: words("The public model that answered, or its upstream model."),
  attempts: figure("How many attempts were made."),
  fallback_from: words("The model asked for, when another one answered."),
  params: params("Fields that go to the provider; null for one that does not."),
  headers: named("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "a header name", header, "Headers of the answer."),
  warnings: either(words(), Type.Array(words()), {
    "x-wants": "text, or a list of texts",
    description: "Parts of the warnings; an empty list: none.",
  }),
  cost_usd: figure("What the request cost, all attempts together."),
  accepted: figure("How many requests were answered."),
  refused: mapping(
    {
      count: Type.Optional(figure("How many requests were not answered.")),
      code: Type.Optional(code()),
      limit: Type.Optional(limit()),
      retry_after: Type.Optional(span("When trying again may help.")),
    },
    "The requests that were not answered, all of them.",
  ),
  not_used: Type.Array(words(), { description: "Providers, or provider/model, that no attempt went to." }),
  only_tags: tags(),
  any_tag: tags(),
} satisfies Readonly<Record<string, TSchema>>;
/** What a case may expect, by its word. */
export type ExpectationName = keyof typeof expectations;

const expect = Type.Partial(mapping(expectations), {
  additionalProperties: false,
  minProperties: 1,
  description: "Judged on the last request sent; accepted, refused, not_used and the tags on all of them.",
});
/** `expect`, as written. */
export type ExpectText = Static<typeof expect>;

const testCase = mapping({
  name: words(),
  given: Type.Optional(given),
  send: Type.Optional(send),
  for_all: Type.Optional(forAll),
  expect,
});
/** One case, as written. */
export type CaseText = Static<typeof testCase>;

/** The tests of a routing file. */
export const tests = mapping(
  {
    version: Type.Unsafe<1>({
      type: "integer",
      const: 1,
      "x-code": "unsupported_version",
      "x-wants": "1",
      description: "Of this format.",
    }),
    tests: Type.Array(testCase),
  },
  "What a routes.yaml is expected to do, run on a clock of its own with providers that follow a script.",
);
/** The tests of a routing file, as written. */
export type TestsText = Static<typeof tests>;
