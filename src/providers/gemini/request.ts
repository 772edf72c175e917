import { ok, type Result } from "../../core/result.ts";
import type { EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import { Losses } from "../losses.ts";
import { pathOf } from "./address.ts";
import { conversationOf } from "./contents.ts";
import { formatOf, generationOf, isGenerationField } from "./generation.ts";
import { traitsOf } from "./model.ts";
import { isOwnField, ownFieldsOf } from "./own_fields.ts";
import { thinkingOf } from "./thinking.ts";
import { toolingOf } from "./tools.ts";

/** Fields of OpenAI's that are read one by one, or whose absence changes nothing. */
const understood: ReadonlySet<string> = new Set([
  ...["messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort"],
  ...["web_search_options", "stream", "stream_options"],
]);

/** Puts a chat request into the words of `generateContent`. https://ai.google.dev/api/generate-content */
export function encodeChat(request: UpstreamRequest): Result<EncodedRequest, string> {
  const { params, model, stream } = request;
  const losses = new Losses();
  const traits = traitsOf(model);
  const { contents, systemInstruction } = conversationOf(params["messages"], traits, losses);
  const tooling = toolingOf(params, traits, losses);
  const own = ownFieldsOf(params, isGenerationField, losses);
  const thinkingConfig = thinkingOf(
    params["reasoning_effort"],
    own.generationConfig["thinkingConfig"],
    traits,
    losses,
  );
  const generationConfig = {
    ...generationOf(params, losses),
    ...formatOf(params["response_format"], tooling.hasFunctions, traits, losses),
    ...own.generationConfig,
    ...(thinkingConfig === null ? {} : { thinkingConfig }),
  };
  dropUnknown(params, losses);

  const calling = tooling.calling === null ? {} : { functionCallingConfig: tooling.calling };
  const body = {
    contents,
    ...(systemInstruction === null ? {} : { systemInstruction }),
    ...filled("tools", [...tooling.tools, ...own.tools]),
    ...filled("toolConfig", { ...calling, ...own.toolConfig }),
    ...filled("generationConfig", generationConfig),
    ...own.body,
  };
  const path = pathOf(model, stream ? "streamGenerateContent" : "generateContent");
  return ok({ path, body, losses: losses.all });
}

function dropUnknown(params: Params, losses: Losses): void {
  for (const [name, value] of Object.entries(params)) {
    if (understood.has(name) || isGenerationField(name) || isOwnField(name)) continue;
    const because =
      name === "functions" || name === "function_call" ? "Gemini is reached by tools only" : noCounterpart;
    losses.dropped(name, because, value);
  }
}

const noCounterpart = "Gemini has no counterpart";

const filled = (name: string, value: Fields | readonly unknown[]): Fields =>
  Object.keys(value).length === 0 ? {} : { [name]: value };
