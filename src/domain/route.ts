import type { DurationMs, EpochMs, Share } from "../core/units.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Failure } from "./failure.ts";
import type { Claim } from "./limits.ts";
import type { Position } from "./position.ts";
import type { Refusal } from "./refusal.ts";
import type { SecretRef } from "./secret_ref.ts";
import type { ClientKey, Model, PoolMember, Target, Timeouts } from "./snapshot.ts";

/** All that routing may know of a request. No prompt, so decisions can be logged, tested and replayed. */
export interface RouteRequest {
  /** The model named by the client; null when it named none. */
  readonly model: string | null;
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  /** Null when the file has no keys. */
  readonly key: ClientKey | null;
  /** UTF-8 bytes of text that the model has to read, data URLs left out. */
  readonly textBytes: number;
  /** The request's own bound on its answer, in tokens; null when it set none. */
  readonly maxTokens: number | null;
  /** How many answers are asked for. */
  readonly n: number;
  /** Drawn by the server for this request, and journaled. */
  readonly chance: Share;
  /** The same for all requests of one key, and of one end user; for `stick_to`. */
  readonly stickyChance: { readonly key: Share; readonly user: Share };
  readonly arrivedAt: EpochMs;
}

/** What is known of the world. A read-only view: asking changes nothing. */
export interface State {
  /** 0 when the claim fits now; else how long until it would; Infinity when it never can. */
  readonly wait: (claim: Claim, now: EpochMs) => DurationMs;
  /** What is left of a limit, 0 to 1. */
  readonly headroom: (claim: Claim, now: EpochMs) => Share;
  /** `probe`: half open, and free for one attempt. */
  readonly circuit: (endpointId: string, now: EpochMs) => "closed" | "open" | "probe";
  /** Why a credential is set aside, and until when; null when it is usable. A changed value lifts a refusal. */
  readonly setAside: (credentialId: string, member: PoolMember | null, now: EpochMs) => SetAside | null;
  /** Average time to first output; null without a sample in the last 5 minutes. */
  readonly latency: (endpointId: string, now: EpochMs) => DurationMs | null;
  /** Prompt tokens per byte of text, learned; 1/4 at first. */
  readonly tokensPerByte: (upstream: string) => number;
  /** Mean tokens of an answer, learned; 256 at first. */
  readonly meanAnswer: (upstream: string) => number;
  /** Whether the retry budget of a provider allows one more retry or failover into it. */
  readonly mayRetry: (provider: string, now: EpochMs) => boolean;
  /** Whether a reference resolves; a provider all of whose credentials are unset is not configured. */
  readonly isSet: (ref: SecretRef) => boolean;
  /** What people took away by hand; null when it is there. */
  readonly disabled: (what: Disableable, now: EpochMs) => { readonly reason: string } | null;
}

export interface SetAside {
  readonly until: EpochMs;
  readonly cause: "rate_limited" | "credential";
}

/** The kinds of things that people can take away. */
export const disableableKinds = ["provider", "target", "model", "key"] as const;

/** Something that people can take away: by its name in the file, a target as `provider/model`. */
export interface Disableable {
  readonly kind: (typeof disableableKinds)[number];
  readonly name: string;
}

/** Why a target may not serve now. `at` is the line of the rule that says so. */
export interface Objection {
  readonly model: string;
  readonly provider: string;
  readonly upstream: string;
  readonly code:
    | "disabled"
    | "not_configured"
    | "endpoint_unsupported"
    | "tag_missing"
    | "context_too_small"
    | "limit"
    | "cooling_down"
    | "credential_refused"
    | "circuit_open"
    | "retry_budget";
  readonly says: string;
  readonly at: Position;
  /** When it may lift; null: not by waiting. */
  readonly waitMs: DurationMs | null;
  /** The claim without room, where the code is `limit`. */
  readonly claim: Claim | null;
}

/** The next thing to do for a request. */
export type Decision = Try | Stop;

/** Call this target. */
export interface Try {
  readonly kind: "try";
  /** The public model asked for, after aliases and `auto`: its overrides, max, policy and deadline stay in force. */
  readonly asked: Model;
  /** The public model that serves: `asked`, or one of its fallbacks. */
  readonly serving: Model;
  readonly target: Target;
  /** The upstream model, a pattern's `*` filled in. */
  readonly upstream: string;
  /** Null when the provider needs no credential. */
  readonly member: PoolMember | null;
  /** What breakers and averages belong to: kind, base_url, credential reference and upstream model. */
  readonly endpointId: string;
  /** What a pool's rotation sets aside. */
  readonly credentialId: string;
  /** To wait before the attempt, with backoff and Retry-After in it. */
  readonly waitMs: DurationMs;
  readonly timeouts: Timeouts;
  /** Everything the attempt takes; all or nothing. Those of key and team only with the first attempt. */
  readonly claims: readonly Claim[];
  /** Prompt plus answer. */
  readonly estimatedTokens: number;
  readonly isProbe: boolean;
  /** A retry or a failover, which counts against the provider's retry budget. */
  readonly isRetry: boolean;
  readonly objections: readonly Objection[];
}

/** Answer the client with this. */
export interface Stop {
  readonly kind: "stop";
  readonly refusal: Refusal;
  readonly objections: readonly Objection[];
  /** The model asked for, where the name led to one. */
  readonly asked: Model | null;
}

/** One attempt that failed, as the next `plan` sees it. */
export interface FailedAttempt {
  readonly try: Try;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly failure: Failure;
}
