import type { DurationMs, EpochMs, Share, Usd } from "../core/units.ts";
import type { FailureKind } from "./failure.ts";
import type { BudgetRule, LimitRule } from "./limits.ts";
import type { Position } from "./position.ts";
import type { ProviderKind } from "./provider_kind.ts";
import type { SecretRef } from "./secret_ref.ts";
import type { Service } from "./service.ts";

/** What the gateway will do: routes.yaml compiled. Deeply frozen, without secrets, replaced as a whole. */
export interface Snapshot {
  /** SHA-256 (hex) of the canonical compiled form; comments, positions and meaningless order do not change it. */
  readonly digest: string;
  readonly auth: Auth;
  readonly attribution: Attribution;
  readonly providers: ReadonlyMap<string, Provider>;
  /** By exact public name. */
  readonly models: ReadonlyMap<string, Model>;
  /** Models whose name ends in `*`, longest first. */
  readonly patterns: readonly Model[];
  readonly aliases: ReadonlyMap<string, Alias>;
  readonly auto: Auto | null;
  readonly defaultModel: string | null;
  readonly timeouts: Timeouts;
  readonly http: { readonly corsOrigins: readonly string[]; readonly maxBodyBytes: number };
  readonly logging: Logging;
  readonly metrics: Retention;
  /** Validated and kept for the stages that judge the next generation; null when the section is absent. */
  readonly rollout: Rollout | null;
  readonly gates: Gates;
  readonly asserts: readonly Assertion[];
  readonly lines: Lines;
}

/** Where things of a Snapshot are written; no part of what it means. */
export interface Lines {
  /** Of a key, in the words of the file, or of an index of a list; null where the file does not have it. */
  readonly of: (made: object, key: string | number) => Position | null;
}

/** Who may call. `keys: []` means that every caller is welcome. */
export interface Auth {
  readonly keys: readonly ClientKey[];
  readonly teams: ReadonlyMap<string, Team>;
}

export type Role = "client" | "viewer" | "admin";

/** Rules that a key and its team both have; a key must satisfy its own and its team's. */
export interface AccessRules {
  /** Globs over public names, `!` denies; empty allows all. */
  readonly models: readonly string[];
  /** Only providers that bear one of these tags; empty: any. */
  readonly anyTag: readonly string[];
  readonly limits: readonly LimitRule[];
  readonly budgets: readonly BudgetRule[];
  readonly at: Position;
}

export interface Team extends AccessRules {
  readonly name: string;
}

export interface ClientKey extends AccessRules {
  readonly id: string;
  /** Each is accepted: that is how a secret is rotated. */
  readonly secrets: readonly SecretRef[];
  readonly team: Team | null;
  readonly role: Role;
  /** The first moment at which it is refused. */
  readonly expiresAt: EpochMs | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the end user and the labels of a request are read from. */
export interface Attribution {
  readonly user: readonly AttributionSource[];
  readonly labels: Readonly<Record<string, readonly AttributionSource[]>>;
}

export type AttributionSource =
  | { readonly from: "header"; readonly name: string }
  | { readonly from: "body"; readonly name: string };

/** Patience in milliseconds. `total` bounds everything else; DESIGN.md §5 says what each clock runs over. */
export interface Timeouts {
  readonly connect: DurationMs;
  readonly first_byte: DurationMs;
  readonly idle: DurationMs;
  readonly answer: DurationMs;
  readonly total: DurationMs;
}

/** Request fields by their wire name. */
export type Params = Readonly<Record<string, unknown>>;

export interface Provider {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Without a trailing slash; `{model}` stands for the upstream model. */
  readonly baseUrl: string;
  readonly query: Readonly<Record<string, string>>;
  /** Credentials to rotate over. Empty: the server needs none. */
  readonly pool: readonly PoolMember[];
  /** Lower case; null: the kind's own. `authorization` means Bearer. */
  readonly apiKeyHeader: string | null;
  readonly optional: boolean;
  readonly enabled: boolean;
  readonly limits: readonly LimitRule[];
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly unsupported: "warn" | "refuse";
  readonly defaults: Params;
  readonly overrides: Params;
  readonly timeouts: Partial<Timeouts>;
  /** Exact names first, then patterns, longest first: the first entry that has a field gives it. */
  readonly facts: readonly UpstreamFacts[];
  /** For `simulated` only. */
  readonly simulation: Simulation | null;
  /** For `request` only. A fixed token is not in it: it is the pool's one member. */
  readonly service: Service | null;
  readonly at: Position;
}

export interface PoolMember {
  /** Its own, else its variable's or file's name; unique in the pool. Its counters belong to it. */
  readonly id: string;
  readonly ref: SecretRef;
  readonly limits: readonly LimitRule[];
  readonly at: Position;
}

/** What is known of an upstream model, or of all whose name begins alike. */
export interface UpstreamFacts {
  /** Exact, or with one trailing `*`. Its limits are one window for the entry, shared by all public models. */
  readonly model: string;
  readonly price: Price | null;
  /** Tokens of prompt and answer together. */
  readonly context: number | null;
  readonly limits: readonly LimitRule[] | null;
  readonly timeouts: Partial<Timeouts>;
}

/** USD per million tokens; `request` is USD per call. */
export interface Price {
  readonly input: Usd;
  readonly output: Usd;
  readonly cached_input: Usd | null;
  readonly cache_write: Usd | null;
  readonly request: Usd | null;
}

/** How the built-in model behaves. */
export interface Simulation {
  readonly latencyMs: DurationMs;
  readonly tokensPerSecond: number | null;
  readonly fail: readonly { readonly kind: FailureKind; readonly rate: Share }[];
}

export const strategies = ["priority", "weighted", "headroom", "latency", "cost"] as const;
export type Strategy = (typeof strategies)[number];

export interface Model {
  /** The public name; a trailing `*` makes it a pattern. */
  readonly name: string;
  readonly strategy: Strategy;
  readonly stickTo: "request" | "key" | "user";
  readonly targets: readonly Target[];
  readonly defaults: Params;
  readonly overrides: Params;
  readonly max: Readonly<Record<string, number>>;
  readonly failover: FailoverPolicy;
  readonly fallbacks: Fallbacks;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly deprecated: Deprecation | null;
  readonly timeouts: Partial<Timeouts>;
  readonly at: Position;
}

/** Public models, in order, by the cause that leads to them. */
export interface Fallbacks {
  readonly any: readonly string[];
  readonly context_window: readonly string[];
  readonly content_policy: readonly string[];
}

export interface Target {
  readonly provider: Provider;
  /** The upstream model; a trailing `*` takes what the public pattern's `*` stood for. */
  readonly model: string;
  readonly weight: number;
  readonly enabled: boolean;
  readonly limits: readonly LimitRule[];
  readonly defaults: Params;
  readonly timeouts: Partial<Timeouts>;
  readonly at: Position;
}

export interface Alias {
  readonly name: string;
  readonly to: string;
  readonly deprecated: Deprecation | null;
  readonly at: Position;
}

export interface Deprecation {
  /** What to use instead. */
  readonly use: string | null;
  /** From this moment on: 410. */
  readonly after: EpochMs | null;
}

/** The model name `auto`. */
export interface Auto {
  readonly models: readonly string[];
  readonly strategy: Strategy;
  readonly at: Position;
}

export interface FailoverPolicy {
  readonly name: string;
  readonly on: readonly FailureKind[];
  readonly maxAttempts: number;
  readonly retries: number;
  readonly backoff: { readonly baseMs: DurationMs; readonly maxMs: DurationMs };
  readonly deadlineMs: DurationMs;
  readonly breaker: Breaker;
}

export interface Breaker {
  readonly failures: number;
  readonly withinMs: DurationMs;
  readonly openForMs: DurationMs;
}

export interface Logging {
  readonly interactions: "full" | "metadata" | "off";
  readonly redact: readonly string[];
  readonly maxFileBytes: number;
  readonly keepMs: DurationMs;
}

export interface Retention {
  readonly requestsMs: DurationMs;
  readonly minuteMs: DurationMs;
  readonly hourMs: DurationMs;
}

export interface Rollout {
  readonly canary: Share;
  readonly forMs: DurationMs;
  readonly minRequests: number;
  readonly maxErrorIncrease: Share;
  readonly maxP95Increase: Share;
  readonly maxCostIncrease: Share;
  readonly onInconclusive: "promote" | "hold" | "rollback";
}

export interface Gates {
  readonly replay: {
    readonly sinceMs: DurationMs;
    readonly maxNewlyRefused: Share | null;
    readonly maxCostIncrease: Share | null;
  } | null;
}

export interface Assertion {
  readonly model: string;
  readonly minProviders: number | null;
  readonly anyTag: readonly string[];
  readonly onlyTags: readonly string[];
  readonly at: Position;
}
