import type { Adapter } from "../domain/adapter.ts";
import { openAiCompatible } from "./compatible/adapter.ts";
import { none } from "./compatible/differences.ts";
import { openaiFamilies } from "./openai/families.ts";
import { withoutForeign } from "./openai_messages.ts";

const compatible = openAiCompatible(none, openaiFamilies);

/** OpenAI, Azure OpenAI and any server that speaks the same. https://platform.openai.com/docs/api-reference */
export const openai: Adapter = {
  ...compatible,
  encode: (request) => compatible.encode(withoutForeign(request)),
};
