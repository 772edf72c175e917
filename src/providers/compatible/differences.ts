import type { UpstreamRequest } from "../../domain/adapter.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import type { FailureKind } from "../../domain/failure.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Losses } from "../losses.ts";

/** How a server that speaks OpenAI's wire format differs from OpenAI. */
export interface Differences {
  readonly endpoints: readonly Endpoint[];
  /** Whether `stream_options.include_usage` can be sent; without it usage comes unasked. */
  readonly streamOptions: boolean;
  /** Fields it refuses or ignores, and what is lost without them. */
  readonly drops: Readonly<Record<string, string>>;
  /** Values of dropped fields that ask for what happens anyway: nothing is lost, so nothing is said. */
  readonly neutral: Readonly<Record<string, unknown>>;
  /** Fields of which it takes one value alone, any other being dropped. */
  readonly only: Readonly<Record<string, unknown>>;
  /** The largest value of fields that may be larger elsewhere. */
  readonly most: Readonly<Record<string, number>>;
  /** Fields that it knows by another name. Nothing is lost, so nothing is said. */
  readonly renames: Readonly<Record<string, string>>;
  /** Values that it knows by another name: field, ours, theirs. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Roles that it knows by another name. */
  readonly roles: Readonly<Record<string, string>>;
  /** Why the other role is less than the one asked for; null where it means the same. */
  readonly roleLoss: string | null;
  /** Fields of messages that it refuses, though clients send answers back that have them; null where nothing is lost. */
  readonly messageDrops: Readonly<Record<string, string | null>>;
  /** What no table can say: the last look at the body in the server's own words. */
  readonly adjust: Adjust | null;
  /** What codes mean with it alone, in lower case. */
  readonly meaning: Readonly<Record<string, FailureKind>>;
}

/** Changes a body that is about to be sent, and names what is lost by it; or one sentence why it cannot be sent. */
export type Adjust = (body: Map<string, unknown>, request: UpstreamRequest, losses: Losses) => string | null;

/** No difference. */
export const none: Differences = {
  endpoints: ["chat", "completions", "embeddings"],
  streamOptions: true,
  drops: {},
  neutral: {},
  only: {},
  most: {},
  renames: {},
  values: {},
  roles: {},
  roleLoss: null,
  messageDrops: {},
  adjust: null,
  meaning: {},
};

/** Models of a server that take chat requests in a way of their own. */
export interface Family {
  /** Matched against the upstream model. */
  readonly models: RegExp;
  /** Narrows the family to requests of one sort. */
  readonly when?: (params: Params) => boolean;
  readonly differences: Differences;
}

/** What holds for one request: the first family that it belongs to, else what holds for the whole server. */
export function differencesOf(
  request: UpstreamRequest,
  all: Differences,
  families: readonly Family[],
): Differences {
  if (request.endpoint !== "chat") return all;
  const { model, params } = request;
  const own = families.find(({ models, when }) => models.test(model) && (when?.(params) ?? true));
  return own?.differences ?? all;
}
