import type { FallbackCause } from "./causes.ts";
import type { Place } from "./finding.ts";

/** Any JSON value on its way into the new file. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A routes.yaml in the making: names are ours already, references are not checked. */
export interface Draft {
  readonly providers: Map<string, DraftProvider>;
  readonly models: Map<string, DraftModel>;
  readonly aliases: { readonly name: string; readonly to: string; readonly at: Place }[];
  readonly fallbacks: DraftFallback[];
  readonly keys: DraftKey[];
  /** Whole sections, as they will stand in the file. */
  readonly sections: { [section: string]: JsonObject | string };
}

/** One client's key; the models that it may use are looked for once all are known. */
export interface DraftKey {
  readonly id: string;
  readonly secret: string;
  readonly fields: JsonObject;
  readonly models: readonly { readonly name: string; readonly at: Place }[];
}

export interface DraftProvider {
  /** `kind`, `base_url`, `api_key` and whatever else it has. */
  readonly fields: JsonObject;
  /** Facts by upstream model. */
  readonly models: { [upstream: string]: JsonObject };
  readonly at: Place;
}

export interface DraftModel {
  strategy: string | null;
  readonly targets: DraftTarget[];
  enabled: boolean;
}

/** One way to serve a public model. */
export interface DraftTarget {
  readonly provider: string;
  readonly model: string;
  /** Who is asked first: the lowest; null: as written. */
  readonly order: number | null;
  readonly weight: number | null;
  readonly enabled: boolean;
  readonly limits: JsonObject;
  readonly defaults: JsonObject;
  readonly timeouts: JsonObject;
  readonly at: Place;
}

export interface DraftFallback {
  readonly cause: FallbackCause;
  readonly from: string;
  readonly to: string;
  readonly at: Place;
}

export const emptyDraft = (): Draft => ({
  providers: new Map(),
  models: new Map(),
  aliases: [],
  fallbacks: [],
  keys: [],
  sections: {},
});

/** The model of a name, made where it is not there yet. */
export function modelOf(draft: Draft, name: string): DraftModel {
  const model = draft.models.get(name) ?? { strategy: null, targets: [], enabled: true };
  draft.models.set(name, model);
  return model;
}

/** A mapping without what is absent or empty. */
export const present = (fields: { readonly [key: string]: Json | undefined }): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (isNothing(value) ? [] : [[key, value] as const])),
  );

const isNothing = (value: Json | undefined): value is null | undefined =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
