import { type Static, Type } from "@sinclair/typebox";
import { failoverKinds } from "../../domain/failure.ts";
import { deprecation, limits, strategy, timeouts } from "./common.ts";
import {
  duration,
  either,
  mapping,
  name,
  named,
  oneOf,
  params,
  publicName,
  quantity,
  text,
  whole,
  words,
  yesNo,
} from "./words.ts";

const target = either(
  text("^[A-Za-z0-9][A-Za-z0-9._-]*/[^\\u0000-\\u001f\\u007f]+$", "provider/model"),
  mapping({
    provider: name(),
    model: Type.Optional(words("The upstream model; default: the public name.")),
    weight: Type.Optional(quantity({ minimum: 0 }, "For the strategy weighted; default 1.")),
    enabled: Type.Optional(yesNo("false takes the target out.")),
    limits: Type.Optional(limits()),
    defaults: Type.Optional(params("Request fields, used where the request is silent.")),
    timeouts: Type.Optional(timeouts()),
  }),
  {
    "x-wants": "provider/model, or a mapping with `provider`",
    description: "provider/model, or the long form.",
  },
);
/** One entry of `targets`. */
export type TargetText = Static<typeof target>;

const names = () => Type.Array(publicName(), { description: "Other public models, in order." });
const fallbacks = either(
  names(),
  mapping({
    any: Type.Optional(names()),
    context_window: Type.Optional(names()),
    content_policy: Type.Optional(names()),
  }),
  {
    "x-wants":
      "a list of public models, or a mapping from any, context_window and content_policy to such lists",
    description: "Tried once every target here failed.",
  },
);

/** A public model. */
export const model = mapping({
  strategy: Type.Optional(strategy()),
  stick_to: Type.Optional(
    oneOf(["request", "key", "user"], { description: "For weighted: whose requests stay at one target." }),
  ),
  targets: Type.Array(target, { minItems: 1, description: "Who can answer, in order." }),
  defaults: Type.Optional(params("Request fields, used where the request is silent.")),
  overrides: Type.Optional(params("Request fields that always win; null removes one.")),
  max: Type.Optional(
    named("^.+$", "a field name", quantity({ minimum: 0 }), "Lowers a larger value, adds nothing."),
  ),
  failover: Type.Optional(name()),
  fallbacks: Type.Optional(fallbacks),
  enabled: Type.Optional(yesNo("false: 404, unlisted, skipped as a fallback.")),
  visible: Type.Optional(yesNo("false: usable as a fallback only.")),
  deprecated: Type.Optional(deprecation()),
  timeouts: Type.Optional(timeouts()),
});

/** A name, or a name with a deprecation. */
export const alias = either(
  publicName(),
  mapping({ to: publicName(), deprecated: Type.Optional(deprecation()) }),
  {
    "x-wants": "the name of a model, or a mapping with `to`",
  },
);

/** `auto`. */
export const auto = mapping(
  { models: Type.Array(publicName(), { minItems: 1 }), strategy: Type.Optional(strategy()) },
  "Answers the model name auto, among those that the key may use.",
);

/** One policy of `failover`. */
export const policy = mapping({
  on: Type.Optional(
    Type.Array(oneOf(failoverKinds), { description: "Failures after which another is asked." }),
  ),
  max_attempts: Type.Optional(whole(1, "Over all targets and fallbacks.")),
  retries: Type.Optional(whole(0, "On the same target, before moving on.")),
  backoff: Type.Optional(mapping({ base: Type.Optional(duration()), max: Type.Optional(duration()) })),
  deadline: Type.Optional(duration("The last moment at which another attempt may start.")),
  breaker: Type.Optional(
    mapping({
      failures: Type.Optional(whole(1)),
      within: Type.Optional(duration()),
      open_for: Type.Optional(duration()),
    }),
  ),
});
