import { z } from "zod";
import type { Received } from "../upstream.ts";
import { type Manner, streamedAnswer, wholeAnswer } from "./chat/answer.ts";
import { askedOf, mismatchIn, wantsUsage } from "./chat/conversation.ts";
import { functionTool, imageUrl, namedTool, responseFormat, text, toolCall } from "./chat/shape.ts";
import { complain, must, readBody, type Wording } from "./complaint.ts";
import type { Protocol } from "./mock.ts";
import { inPieces } from "./turn.ts";

const image = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.strictObject({ url: imageUrl, detail: z.enum(["auto", "low", "high"]).optional() }),
});
const audio = z.strictObject({
  type: z.literal("input_audio"),
  input_audio: z.strictObject({ data: z.string(), format: z.enum(["wav", "mp3"]) }),
});
const file = z.strictObject({
  type: z.literal("file"),
  file: z.strictObject({
    filename: z.string().optional(),
    file_data: z.string().optional(),
    file_id: z.string().optional(),
  }),
});
const cachedText = text.extend({ prompt_cache_breakpoint: z.unknown().optional() });
const texts = z.union([z.string(), z.array(cachedText).min(1)]);
const name = z.string().optional();
const parsedCall = toolCall.extend({
  function: toolCall.shape.function.extend({ parsed_arguments: z.unknown().optional() }),
});

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.enum(["system", "developer"]), content: texts, name }),
  z.strictObject({
    role: z.literal("user"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [cachedText, image, audio, file])).min(1),
    ]),
    name,
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: texts.nullish(),
    name,
    refusal: z.string().nullish(),
    // Its own SDK hands these two back.
    parsed: z.unknown().optional(),
    tool_calls: z.array(parsedCall).min(1, "empty array").optional(),
    annotations: z.array(z.unknown()).optional(),
    audio: z.unknown().optional(),
    function_call: z.unknown().optional(),
  }),
  z.strictObject({ role: z.literal("tool"), content: texts, tool_call_id: z.string() }),
]);

const chatRequest = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  tools: z.array(functionTool).min(1).optional(),
  tool_choice: z.union([z.enum(["none", "auto", "required"]), namedTool]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat.nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
  user: z.string().optional(),
  audio: z.unknown().optional(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  function_call: z.unknown().optional(),
  functions: z.array(z.unknown()).optional(),
  logit_bias: z.record(z.string(), z.int()).nullish(),
  logprobs: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  modalities: z.array(z.enum(["text", "audio"])).nullish(),
  prediction: z.unknown().optional(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.string().nullish(),
  safety_identifier: z.string().optional(),
  service_tier: z.string().nullish(),
  store: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
  web_search_options: z.unknown().optional(),
});

const word: Wording = (path, issue) => {
  const where = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const param = where.replace(/^\./, "");
  if (issue.code === "unrecognized_keys")
    return `Unknown parameter: '${param}${param === "" ? "" : "."}${issue.keys[0]}'.`;
  if (issue.code === "invalid_type" && issue.input === undefined)
    return `Missing required parameter: '${param}'.`;
  return `Invalid value for '${param}': ${issue.message}`;
};

const manner: Manner = {
  id: "chatcmpl-strict",
  callId: (answer, at) => `call_${"A".repeat(20)}${answer}_${at}`,
  said: (_, text) => ({ content: text }),
  message: { refusal: null, annotations: [] },
  choice: { logprobs: null },
  call: () => ({}),
  pieces: (call, id, index) => [
    { index, id, type: "function", function: { name: call.name, arguments: "" } },
    ...inPieces(JSON.stringify(call.arguments)).map((piece) => ({ index, function: { arguments: piece } })),
  ],
  usage: "by itself",
};

/** OpenAI's chat completions. https://platform.openai.com/docs/api-reference/chat/create */
export function openai(): Protocol {
  let answers = 0;
  return {
    basePath: "/v1",
    read: (received) => {
      checkHeaders(received);
      const request = readBody(chatRequest, received.body, word);
      checkRules(request);
      return askedOf(request, false);
    },
    whole: (turn, asked) => wholeAnswer(manner, turn, asked, answers++),
    streamed: (turn, asked, { body }) =>
      streamedAnswer(manner, turn, asked, {
        answer: answers++,
        includeUsage: wantsUsage(body),
      }),
    error: (status, message, code) => ({
      error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: null, code },
    }),
  };
}

function checkHeaders({ path, headers }: Received): void {
  must(path === "/v1/chat/completions", `Invalid URL (POST ${path})`, 404);
  must(/^Bearer \S+$/.test(headers.get("authorization") ?? ""), "You didn't provide an API key.", 401);
}

/** Models that think before they answer, and choose how. */
const thinks = /^(o\d|gpt-5)/;

function checkRules(request: z.output<typeof chatRequest>): void {
  const { model, max_tokens: maxTokens, temperature = 1, messages } = request;
  if (thinks.test(model)) {
    must(
      maxTokens === undefined || maxTokens === null,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    );
    must(temperature === 1, "Unsupported value: 'temperature' does not support this value with this model.");
  } else
    must(
      (request.reasoning_effort ?? null) === null,
      "Unrecognized request argument supplied: reasoning_effort",
    );
  must(
    request.stream === true || (request.stream_options ?? null) === null,
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
  );
  must(
    request.tools !== undefined || request.tool_choice === undefined,
    "'tool_choice' is only allowed when 'tools' are specified.",
  );
  must(
    request.tools !== undefined || request.parallel_tool_calls === undefined,
    "'parallel_tool_calls' is only allowed when 'tools' are specified.",
  );
  const mismatch = mismatchIn(messages);
  if (mismatch?.problem === "orphan")
    complain(
      `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls' (messages.[${mismatch.at}].role).`,
    );
  if (mismatch?.problem === "unanswered")
    complain(
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${mismatch.ids.join(", ")}`,
    );
}
