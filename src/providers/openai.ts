import { none, openAiCompatible } from "./compatible/adapter.ts";

/** OpenAI, Azure OpenAI and any server that speaks the same. https://platform.openai.com/docs/api-reference */
export const openai = openAiCompatible(none);
