import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";

/** What a client said in Gemini's own words. */
export interface OwnFields {
  /** Fields of the request itself. */
  readonly body: Fields;
  readonly generationConfig: Fields;
  readonly toolConfig: Fields;
  readonly tools: readonly Fields[];
}

/** Fields of Gemini's request that may stand among OpenAI's, by either spelling. https://ai.google.dev/api/generate-content */
const ofRequest: ReadonlySet<string> = new Set([
  ...["safetySettings", "cachedContent", "labels", "modelArmorConfig", "generationConfig", "toolConfig"],
]);

/** Fields of Gemini's generation parameters that may. https://ai.google.dev/api/generate-content#generationconfig */
const ofGeneration: ReadonlySet<string> = new Set([
  ...["thinkingConfig", "mediaResolution", "speechConfig", "imageConfig", "responseModalities"],
  ...["responseMimeType", "responseSchema", "responseJsonSchema", "responseLogprobs", "routingConfig"],
  ...["topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "presencePenalty"],
  ...["frequencyPenalty", "audioTimestamp", "enableEnhancedCivicAnswers", "modelSelectionConfig"],
]);

/** Whether {@link ownFieldsOf} reads a field of the request. */
export const isOwnField = (name: string): boolean =>
  name === "extra_body" || name === "google" || isNamed(name);

const isNamed = (name: string): boolean => ofRequest.has(camel(name)) || ofGeneration.has(camel(name));

const noSuchField = "Gemini has no such field";

/**
 * Reads Gemini's own fields where Google's OpenAI-compatible endpoint takes them: in `extra_body.google` as clients send it, in
 * `google`, and among the other fields. What stands nearer to Gemini counts.
 *
 * https://ai.google.dev/gemini-api/docs/openai#extra-body
 */
export function ownFieldsOf(params: Params, taken: (name: string) => boolean, losses: Losses): OwnFields {
  const extra = isRecord(params["extra_body"]) ? params["extra_body"] : {};
  const google = [params["google"], extra["google"]].filter(isRecord);
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params))
    if (isNamed(name) && !taken(name)) own[camel(name)] = value;
  for (const [name, value] of Object.entries(extra)) {
    if (isNamed(name)) own[camel(name)] = value;
    else if (name !== "google") losses.dropped("extra_body", noSuchField, value, `extra_body.${shown(name)}`);
  }
  // Here the client speaks to Gemini alone: what this version does not know is Gemini's to judge.
  for (const fields of google) for (const [name, value] of Object.entries(fields)) own[camel(name)] = value;
  return sorted(own);
}

function sorted(own: Fields): OwnFields {
  const { generationConfig, toolConfig, tools, ...rest } = own;
  const config = isRecord(generationConfig) ? camelled(generationConfig) : {};
  const body = new Map<string, unknown>();
  const scattered: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (ofGeneration.has(name)) scattered[name] = value;
    else body.set(name, value);
  }
  const whole = { ...scattered, ...config };
  const { thinkingConfig } = whole as Fields;
  return {
    body: Object.fromEntries(body),
    generationConfig: isRecord(thinkingConfig)
      ? { ...whole, thinkingConfig: camelled(thinkingConfig) }
      : whole,
    toolConfig: isRecord(toolConfig) ? camelled(toolConfig) : {},
    tools: Array.isArray(tools) ? tools.filter(isRecord) : [],
  };
}

const camelled = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [camel(name), value]));

const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const shown = (name: string): string => (/^\w{1,40}$/.test(name) ? name : "another field");
