import { type Static, Type } from "@sinclair/typebox";
import { attribution, auth, includedAuth } from "./auth.ts";
import { tags, timeouts } from "./common.ts";
import { alias, auto, model, policy } from "./model.ts";
import { provider } from "./provider.ts";
import {
  duration,
  exactPattern,
  mapping,
  named,
  namePattern,
  oneOf,
  percentage,
  publicName,
  publicPattern,
  size,
  whole,
  words,
} from "./words.ts";

const nameWords = "a name of letters, digits and . _ -";

const assertion = mapping(
  {
    model: words("A public name; * stands for any text."),
    min_providers: Type.Optional(whole(1, "So many different providers at least.")),
    any_tag: Type.Optional(tags()),
    only_tags: Type.Optional(tags()),
  },
  "What must hold, checked on every compile.",
);

/** Sections that an included file may hold too. */
const shared = {
  providers: Type.Optional(named(namePattern, nameWords, provider, "Where requests can go.")),
  models: Type.Optional(
    named(
      publicPattern,
      "a public name: letters, digits and . _ - : / @ + with at most one *, at its end",
      model,
      "What clients ask for.",
    ),
  ),
  aliases: Type.Optional(
    named(exactPattern, "a public name: letters, digits and . _ - : / @ +", alias, "Other names of models."),
  ),
  assert: Type.Optional(Type.Array(assertion)),
};

const http = mapping({
  cors_origins: Type.Optional(
    Type.Array(words(), { description: "Origins whose pages may call; none unless listed." }),
  ),
  max_body: Type.Optional(size()),
});
const logging = mapping({
  interactions: Type.Optional(oneOf(["full", "metadata", "off"])),
  redact: Type.Optional(Type.Array(words())),
  max_file: Type.Optional(size()),
  keep: Type.Optional(duration()),
});
const metrics = mapping({
  keep: Type.Optional(
    mapping({
      requests: Type.Optional(duration()),
      minute: Type.Optional(duration()),
      hour: Type.Optional(duration()),
    }),
  ),
});
const rollout = mapping(
  {
    canary: Type.Optional(percentage()),
    for: Type.Optional(duration()),
    min_requests: Type.Optional(whole(1)),
    max_error_increase: Type.Optional(percentage()),
    max_p95_increase: Type.Optional(percentage()),
    max_cost_increase: Type.Optional(percentage()),
    on_inconclusive: Type.Optional(oneOf(["promote", "hold", "rollback"])),
  },
  "How the next generation is tried on a slice of traffic.",
);
const gates = mapping({
  replay: Type.Optional(
    mapping({
      since: Type.Optional(duration()),
      max_newly_refused: Type.Optional(percentage()),
      max_cost_increase: Type.Optional(percentage()),
    }),
  ),
});

const { assert, ...sections } = shared;

/** The root file; the order of its keys is that in which files are formatted. */
export const routes = mapping(
  {
    version: Type.Unsafe<1>({
      type: "integer",
      const: 1,
      "x-code": "unsupported_version",
      "x-wants": "1",
      description: "Of this format.",
    }),
    requires: Type.Optional(words("Semver range of the engine; another one refuses the file.")),
    include: Type.Optional(
      Type.Array(words(), { description: "More files, relative to this one; * stands for any file name." }),
    ),
    auth: Type.Optional(auth),
    attribution: Type.Optional(attribution),
    timeouts: Type.Optional(timeouts()),
    ...sections,
    auto: Type.Optional(auto),
    default_model: Type.Optional(publicName()),
    failover: Type.Optional(
      named(
        namePattern,
        nameWords,
        policy,
        "Policies by name; the one named default is for models that name none.",
      ),
    ),
    http: Type.Optional(http),
    logging: Type.Optional(logging),
    metrics: Type.Optional(metrics),
    rollout: Type.Optional(rollout),
    gates: Type.Optional(gates),
    assert,
  },
  "Switchyard: one reviewed file decides where every LLM request goes.",
);

/** An included file. */
export const included = mapping({ auth: Type.Optional(includedAuth), ...shared });

/** The root file, read. */
export type RoutesText = Static<typeof routes>;
/** An included file, read. */
export type IncludedText = Static<typeof included>;
/** One public model, as written. */
export type ModelText = Static<typeof model>;
/** One alias, as written. */
export type AliasText = Static<typeof alias>;
/** One client key, as written. */
export type KeyText = NonNullable<NonNullable<RoutesText["auth"]>["keys"]>[number];
/** One team, as written. */
export type TeamText = NonNullable<NonNullable<RoutesText["auth"]>["teams"]>[string];
/** One invariant, as written. */
export type AssertionText = Static<typeof assertion>;
