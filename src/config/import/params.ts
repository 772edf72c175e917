import type { Tree } from "../tree.ts";
import type { Json, JsonObject } from "./draft.ts";
import type { Notes } from "./finding.ts";
import { jsonOf, pick, soundsSecret } from "./values.ts";

/** Request fields that a file may preset. What a client decides for itself, as `stream`, is not among them. */
const requestFields = new Set(
  "temperature top_p top_k min_p n stop seed max_tokens max_completion_tokens presence_penalty frequency_penalty repetition_penalty logit_bias logprobs top_logprobs response_format reasoning_effort verbosity parallel_tool_calls tool_choice service_tier store metadata user thinking enable_thinking thinking_budget dimensions encoding_format modalities audio safe_prompt random_seed".split(
    " ",
  ),
);
const containers = [
  "default_params",
  "default_parameters",
  "defaults",
  "default",
  "params",
  "parameters",
  "extra_body",
  "model_params",
  "generation_config",
];

/** The request fields that a mapping presets, directly or in a block of their own. */
export function readParams(holder: Tree, where: string, notes: Notes): JsonObject {
  if (holder.kind !== "mapping") return {};
  const params: { [field: string]: Json } = {};
  const take = (mapping: Tree, isKnown: (name: string) => boolean) => {
    if (mapping.kind !== "mapping") return;
    for (const entry of mapping.entries) {
      if (!isKnown(entry.key)) continue;
      const json = jsonOf(entry.value);
      if (soundsSecret(entry.key) || holdsSecret(json))
        notes.unsupported(entry, "it may be a secret, and parameters stand in the file as they are");
      else if (json !== null) {
        params[entry.key] = json;
        notes.exact(entry, `${where}.defaults.${entry.key}`);
      } else notes.exact(entry, "nothing is set");
    }
  };
  for (const container of containers) {
    const block = pick(holder, [container]);
    if (block !== null)
      take(block.value, (name) => name !== "stream" && name !== "model" && name !== "messages");
  }
  take(holder, (name) => requestFields.has(name));
  return params;
}

const holdsSecret = (json: Json): boolean =>
  typeof json === "object" && json !== null
    ? Object.entries(json).some(([name, value]) => soundsSecret(name) || holdsSecret(value))
    : typeof json === "string" &&
      /^(sk|pk|rk|xox[a-z]|gh[a-z])[-_][A-Za-z0-9_-]{6,}|^(os\.environ\/|\$\{)/.test(json);
