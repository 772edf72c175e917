import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";
import { responseSchemaOf } from "./schema.ts";

/** More stop sequences are refused. */
const maxStops = 5;
/** Seeds have 32 bits. */
const maxSeed = 2 ** 31;

const maxPenalty = 1.99;

type Translate = (value: unknown, losses: Losses) => Fields;

const as =
  (name: string): Translate =>
  (value) => ({ [name]: value });

/** OpenAI's largest penalty is just beyond Gemini's. */
const penalty =
  (param: string, name: string): Translate =>
  (value, losses) => {
    // Models that know no penalties refuse none at all.
    if (value === 0) return {};
    if (value !== 2) return { [name]: value };
    losses.say(param, `${param} sent as ${maxPenalty}: Gemini takes less than 2`);
    return { [name]: maxPenalty };
  };

/** OpenAI's fields that are generation parameters; of two that mean one, the later counts. */
const fields: Readonly<Record<string, Translate>> = {
  temperature: as("temperature"),
  top_p: as("topP"),
  top_k: (count) => (typeof count === "number" && count < 1 ? {} : { topK: count }),
  max_tokens: as("maxOutputTokens"),
  max_completion_tokens: as("maxOutputTokens"),
  presence_penalty: penalty("presence_penalty", "presencePenalty"),
  frequency_penalty: penalty("frequency_penalty", "frequencyPenalty"),
  n: (n) => (n === 1 ? {} : { candidateCount: n }),
  stop: (stop, losses) => stopsOf(stop, losses),
  seed: (seed, losses) => seedOf(seed, losses),
  logprobs: (asked) => (asked === true ? { responseLogprobs: true } : {}),
  top_logprobs: (count) => (count === 0 ? {} : { logprobs: count }),
  modalities: (modes) => modalitiesOf(modes),
};

/** Whether {@link generationOf} reads a field. */
export const isGenerationField = (name: string): boolean => Object.hasOwn(fields, name);

/** A request's generation parameters. https://ai.google.dev/api/generate-content#generationconfig */
export function generationOf(params: Params, losses: Losses): Fields {
  let config: Fields = {};
  for (const [name, translate] of Object.entries(fields)) {
    const value = params[name];
    if (value !== undefined && value !== null) config = { ...config, ...translate(value, losses) };
  }
  const { logprobs, ...rest } = config;
  if (logprobs === undefined || config["responseLogprobs"] === true) return config;
  losses.dropped("top_logprobs", "logprobs is not asked for", logprobs);
  return rest;
}

/** `response_format` as generation parameters; models that cannot be held to JSON beside functions are not. */
export function formatOf(
  format: unknown,
  hasFunctions: boolean,
  traits: ModelTraits,
  losses: Losses,
): Fields {
  if (!isRecord(format) || format["type"] === "text") return {};
  const { type, json_schema: named } = format;
  if (type !== "json_object" && type !== "json_schema") {
    losses.dropped("response_format", "Gemini knows text, json_object and json_schema", format);
    return {};
  }
  if (hasFunctions && !traits.jsonWithTools) {
    losses.dropped("response_format", "this model takes no format beside functions", format);
    return {};
  }
  const schema = type === "json_schema" && isRecord(named) ? named["schema"] : undefined;
  return {
    responseMimeType: "application/json",
    ...(schema === undefined ? {} : responseSchemaOf(schema, traits, losses)),
  };
}

function stopsOf(stop: unknown, losses: Losses): Fields {
  const stops = (Array.isArray(stop) ? stop : [stop]).filter(
    (text) => typeof text === "string" && text !== "",
  );
  losses.dropped("stop", `Gemini takes ${maxStops}`, stops.length > maxStops, `stop[${maxStops}] and later`);
  return stops.length === 0 ? {} : { stopSequences: stops.slice(0, maxStops) };
}

function seedOf(seed: unknown, losses: Losses): Fields {
  const fits = typeof seed === "number" && Number.isInteger(seed) && seed >= -maxSeed && seed < maxSeed;
  losses.dropped("seed", "Gemini takes whole numbers of 32 bits", !fits);
  return fits ? { seed } : {};
}

/** Text alone is what comes anyway. */
const modalitiesOf = (modes: unknown): Fields =>
  Array.isArray(modes) && modes.some((mode) => mode !== "text")
    ? { responseModalities: modes.map(upper) }
    : {};

const upper = (mode: unknown): unknown => (typeof mode === "string" ? mode.toUpperCase() : mode);
