import { openAiCompatible } from "./compatible/adapter.ts";
import { none } from "./compatible/differences.ts";
import { openaiFamilies } from "./openai_families.ts";

/** OpenAI, Azure OpenAI and any server that speaks the same. https://platform.openai.com/docs/api-reference */
export const openai = openAiCompatible(none, openaiFamilies);
