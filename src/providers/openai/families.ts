import type { Params } from "../../domain/snapshot.ts";
import { type Adjust, type Differences, type Family, none } from "../compatible/differences.ts";
import { withoutIdleTools } from "./tool_fields.ts";

const reasons = "OpenAI's reasoning models do not take it";
const unknown = "the model does not know it";

/** What sampling is steered by, and the values that steer nothing. */
const sampling = {
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
  top_logprobs: 0,
  logit_bias: {},
};

/** What all of OpenAI's models have in common. */
const own: Differences = { ...none, adjust: withoutIdleTools };

const dropsOf = (names: readonly string[], because: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, because]));

/** Models that reason, whatever the request says. Their own bound counts the reasoning too. */
const reasoning: Differences = {
  ...own,
  renames: { max_tokens: "max_completion_tokens" },
  only: { temperature: 1 },
  drops: dropsOf([...Object.keys(sampling), "prediction"], reasons),
  neutral: sampling,
};

/** Of the o models, none calls tools in parallel, and those since o3 cannot be stopped by a text. */
const oSeries: Differences = {
  ...reasoning,
  drops: { ...reasoning.drops, parallel_tool_calls: reasons },
  neutral: { ...sampling, parallel_tool_calls: true },
};
const sinceO3: Differences = { ...oSeries, drops: { ...oSeries.drops, stop: reasons } };

/** The first two: no instructions, no tools, no formats, one answer. */
const firstO: Differences = {
  ...oSeries,
  only: { ...oSeries.only, n: 1 },
  drops: {
    ...oSeries.drops,
    ...dropsOf(
      ["tools", "tool_choice", "functions", "function_call", "response_format", "reasoning_effort"],
      unknown,
    ),
  },
  neutral: { ...oSeries.neutral, response_format: { type: "text" } },
  roles: { system: "user", developer: "user" },
  roleLoss: "the model takes no instructions",
};

/** Whatever the effort: what no model since GPT-5 takes. */
const sinceGpt5: Differences = {
  ...own,
  renames: reasoning.renames,
  drops: dropsOf(["logit_bias", "prediction", "audio", "modalities", "web_search_options"], unknown),
  neutral: { logit_bias: {}, modalities: ["text"] },
};
const reasoningGpt5: Differences = {
  ...reasoning,
  drops: { ...sinceGpt5.drops, ...reasoning.drops },
  neutral: { ...sinceGpt5.neutral, ...reasoning.neutral },
};
const unstoppable = (differences: Differences): Differences => ({
  ...differences,
  drops: { ...differences.drops, stop: unknown },
});

const effortOf = ({ reasoning_effort: effort }: Params): string | null =>
  typeof effort === "string" ? effort : null;
const hasTools = ({ tools }: Params): boolean => Array.isArray(tools) && tools.length > 0;

/** GPT-5.1 to 5.3 reason when asked to. */
const isAskedTo = (params: Params): boolean => (effortOf(params) ?? "none") !== "none";
/** GPT-5.4 does too, but not with tools; its successors reason unless asked not to. */
const isAskedToWithoutTools = (params: Params): boolean => isAskedTo(params) && !hasTools(params);
const isLeftTo = (params: Params): boolean => effortOf(params) !== "none";
const isLeftToWithoutTools = (params: Params): boolean => isLeftTo(params) && !hasTools(params);

/**
 * Since GPT-5.4 chat requests with tools are refused unless the effort is none. Servers that put a vendor before the name know
 * their way around that.
 */
const withTools =
  (reasonsUnasked: boolean): Adjust =>
  (body, request, losses) => {
    const { params, model } = request;
    const effort = effortOf(params);
    const reasons = effort === null ? reasonsUnasked : effort !== "none";
    if (hasTools(params) && reasons && !model.includes("/")) {
      body.set("reasoning_effort", "none");
      losses.say("reasoning_effort", "reasoning_effort sent as none: the model takes no other with tools");
    }
    return withoutIdleTools(body, request, losses);
  };

/** Models that search the web take nothing that steers sampling. */
const searching: Differences = {
  ...own,
  drops: dropsOf(["temperature", "top_p", "presence_penalty", "frequency_penalty"], unknown),
  neutral: { temperature: 1, ...sampling },
};

/** Models that do not reason. */
const classic: Differences = {
  ...own,
  only: { verbosity: "medium" },
  drops: { reasoning_effort: unknown },
  neutral: { reasoning_effort: "none" },
};
const old: Differences = { ...classic, roles: { developer: "system" } };
/** Azure's spelling of GPT-3.5, whose deployments know the older bound alone. */
const azureOld: Differences = { ...old, renames: { max_completion_tokens: "max_tokens" } };

/** A model by its own name, fine-tuned, of another server that puts its vendor before it, or of one that puts a variant behind it. */
const named = (pattern: string): RegExp =>
  new RegExp(`^(?:ft:)?(?:(?:.*/)?(?:openai|azure)/)?(?:${pattern})(?:$|[:@])`);
const dated = "(?:-\\d{4}(?:-\\d\\d-\\d\\d)?)?";
const gpt51 = named(`gpt-5\\.[1-3]${dated}`);
const gpt54 = named(`gpt-5\\.4(?:-mini|-nano)?${dated}`);
const gpt55 = named("gpt-5\\.(?:[5-9]|\\d\\d)(?!\\d|.*codex)[^/:@]*");
const gpt6 = named("gpt-6[^/:@]*");

/**
 * What OpenAI's model families refuse, by what its API was seen to answer. Models that are not here are left alone, as are
 * deployments with names of their own: passing on what is refused is better than dropping what is taken.
 *
 * https://platform.openai.com/docs/guides/reasoning https://learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning
 */
export const openaiFamilies: readonly Family[] = [
  { models: named(`o1-(?:preview|mini)${dated}`), differences: firstO },
  { models: named(`(?:o1|o3-mini)${dated}`), differences: oSeries },
  { models: named(`(?:o3|o4-mini)${dated}`), differences: sinceO3 },
  { models: named(`gpt-5(?:-mini|-nano|-pro)?${dated}`), differences: unstoppable(reasoningGpt5) },
  { models: named("gpt-5\\.\\d+-(?:chat|pro)\\b[^/:@]*"), differences: reasoningGpt5 },
  { models: gpt51, when: isAskedTo, differences: unstoppable(reasoningGpt5) },
  { models: gpt51, differences: unstoppable(sinceGpt5) },
  { models: gpt54, when: isAskedToWithoutTools, differences: unstoppable(reasoningGpt5) },
  { models: gpt54, differences: unstoppable({ ...sinceGpt5, adjust: withTools(false) }) },
  { models: gpt55, when: isLeftToWithoutTools, differences: reasoningGpt5 },
  { models: gpt55, differences: { ...sinceGpt5, adjust: withTools(true) } },
  { models: gpt6, when: isLeftTo, differences: reasoningGpt5 },
  { models: gpt6, differences: sinceGpt5 },
  { models: named("gpt-5-search-api[^/:@]*"), differences: { ...searching, renames: reasoning.renames } },
  { models: named("gpt-4o(?:-mini)?-search-preview[^/:@]*"), differences: searching },
  { models: named("gpt-35-turbo[^/:@]*"), differences: azureOld },
  { models: named("gpt-(?:3\\.5|4(?![o.\\d]))[^/:@]*"), differences: old },
  { models: named("gpt-5-chat[^/:@]*"), differences: own },
  { models: named("(?:chat)?gpt-4[o.][^/:@]*"), differences: classic },
];
