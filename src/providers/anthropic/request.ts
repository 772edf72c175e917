import { isRecord } from "../../core/record.ts";
import { ok, type Result } from "../../core/result.ts";
import type { EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import { Losses } from "../losses.ts";
import { formatOf } from "./format.ts";
import { type ModelTraits, traitsOf } from "./model.ts";
import { samplingOf } from "./sampling.ts";
import { isThought, type Thinking, thinkingOf } from "./thinking.ts";
import { toolingOf } from "./tools.ts";
import { conversationOf, type Turn } from "./turns.ts";
import { dropUnknown, ownFields } from "./vocabulary.ts";

/** Puts a chat request into the words of the Messages API. https://docs.claude.com/en/api/messages */
export function encodeRequest(request: UpstreamRequest): Result<EncodedRequest, string> {
  const { params, model } = request;
  const losses = new Losses();
  const traits = traitsOf(model);
  const conversation = conversationOf(params["messages"], losses);
  const format = formatOf(request, toolingOf(params, conversation.turns, traits, losses), losses);
  const { tools, choice } = format.tooling;
  const maxTokens = bound(params, traits, losses);
  const context = { turns: conversation.turns, tooling: format.tooling };
  const thinking = thinkingOf(params, traits, maxTokens, context, losses);
  const system = [...conversation.system, ...said(format.instruction)];
  // Instructions alone are a conversation to OpenAI, and none to Anthropic.
  const isBare = conversation.turns.length === 0;
  const turns = isBare ? [{ role: "user" as const, blocks: system }] : conversation.turns;

  dropUnknown(params, losses);
  const body = {
    model,
    max_tokens: maxTokens,
    ...(system.length === 0 || isBare ? {} : { system: plain(system) }),
    messages: turns.map((turn) => messageOf(turn, thinking.isOn)),
    ...samplingOf(params, traits, thinking.isOn, losses),
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === null || tools.length === 0 ? {} : { tool_choice: choice }),
    ...(thinking.field === null ? {} : { thinking: thinking.field }),
    ...outputConfig(params, format.output, thinking),
    ...ownFields(params, losses),
    ...(request.stream ? { stream: true } : {}),
  };
  return ok({ path: "/messages", body, losses: losses.all });
}

/** The API wants a bound always, and none beyond what the model can write. */
function bound(params: Params, { maxTokens, mostTokens }: ModelTraits, losses: Losses): number {
  const name = typeof params["max_completion_tokens"] === "number" ? "max_completion_tokens" : "max_tokens";
  const asked = params[name];
  if (typeof asked !== "number") return maxTokens;
  if (mostTokens === null || asked <= mostTokens) return asked;
  losses.say(name, `${name} lowered from ${asked} to ${mostTokens}: the model writes no more`);
  return mostTokens;
}

/** Thoughts of earlier turns go back only where this turn thinks too. */
function messageOf({ role, blocks }: Turn, thinks: boolean): Fields {
  return { role, content: plain(thinks ? blocks : blocks.filter((block) => !isThought(block))) };
}

/** One text with nothing about it is a string. */
function plain(blocks: readonly Fields[]): unknown {
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.["type"] === "text" && only["cache_control"] === undefined;
  return isPlain ? only["text"] : blocks;
}

const said = (instruction: string | null): readonly Fields[] =>
  instruction === null ? [] : [{ type: "text", text: instruction }];

/** Format and effort, beside what the client set there itself. */
function outputConfig(params: Params, format: Fields | null, { effort }: Thinking): Fields {
  const own = isRecord(params["output_config"]) ? params["output_config"] : {};
  const config = {
    ...(effort === null ? {} : { effort }),
    ...(format === null ? {} : { format }),
    ...own,
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}
