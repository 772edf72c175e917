import { z } from "zod";
import type { Received } from "../upstream.ts";
import { type Manner, streamedAnswer, wholeAnswer } from "./chat/answer.ts";
import { askedOf, mismatchIn, wantsUsage } from "./chat/conversation.ts";
import { complain, must, readBody, type Wording } from "./complaint.ts";
import type { Protocol } from "./mock.ts";
import { inPieces } from "./turn.ts";

/** DashScope ignores what it does not know; what it does know has to be right. */
const chatRequest = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "user", "assistant", "tool"]),
        content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).min(1)]).nullish(),
        tool_call_id: z.string().optional(),
        tool_calls: z
          .array(
            z.looseObject({
              id: z.string(),
              type: z.literal("function"),
              function: z.looseObject({ name: z.string(), arguments: z.string() }),
            }),
          )
          .nullish(),
      }),
    )
    .min(1, "[] is too short - 'messages'"),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }))
    .nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z.looseObject({ schema: z.unknown().optional() }).optional(),
    })
    .nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  max_tokens: z.int().min(1, "Range of max_tokens should be [1, 65536]").max(65_536).nullish(),
  temperature: z.number().min(0).lt(2, "'temperature' must be Float and within [0, 2)").nullish(),
  top_p: z
    .number()
    .gt(0, "Range of top_p should be (0.0, 1.0]")
    .max(1, "Range of top_p should be (0.0, 1.0]")
    .nullish(),
  n: z.int().min(1).max(4, "Range of n should be [1, 4]").nullish(),
  enable_thinking: z.boolean().nullish(),
});

const word: Wording = (path, issue) =>
  `<400> InternalError.Algo.InvalidParameter: ${issue.message} - '${path.join(".")}'`;

const manner: Manner = {
  id: "chatcmpl-qwen",
  callId: (answer, at) => `call_${answer}${at}f00dcafe`,
  said: (reasoning, text) => ({
    content: text ?? (reasoning === null ? "" : null),
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
  }),
  message: {},
  choice: { logprobs: null },
  call: (index) => ({ index }),
  // The id again in every piece, empty.
  pieces: (call, id, index) => [
    { index, id, type: "function", function: { name: call.name, arguments: "" } },
    ...inPieces(JSON.stringify(call.arguments)).map((piece) => ({
      index,
      id: "",
      type: "function",
      function: { arguments: piece },
    })),
  ],
  usage: "by itself",
};

/** DashScope in compatible mode. https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-openai-chat-completions */
export function qwen(): Protocol {
  let answers = 0;
  return {
    basePath: "/compatible-mode/v1",
    read: (received) => {
      checkHeaders(received);
      const request = readBody(chatRequest, received.body, word);
      checkRules(request);
      return askedOf(request, request.enable_thinking === true);
    },
    whole: (turn, asked) => wholeAnswer(manner, turn, asked, answers++),
    streamed: (turn, asked, { body }) =>
      streamedAnswer(manner, turn, asked, {
        answer: answers++,
        includeUsage: wantsUsage(body),
      }),
    error: (_status, message, code) => ({
      error: { message, type: "invalid_request_error", param: null, code: code ?? "invalid_parameter_error" },
      request_id: "1",
    }),
  };
}

/** What DashScope says when it fails inside a 200: an error event, and nothing after it. */
export const qwenFailure = `id:1\nevent:error\n:HTTP_STATUS/500\ndata: ${JSON.stringify({
  error: {
    code: "InternalError",
    message: "<500> InternalError.Algo: told to fail",
    type: "InternalError",
    param: null,
  },
})}\n\n`;

function checkHeaders({ path, headers }: Received): void {
  must(path === "/compatible-mode/v1/chat/completions", "Not Found", 404);
  must(/^Bearer \S+$/.test(headers.get("authorization") ?? ""), "You didn't provide an API key.", 401);
}

function checkRules({ messages, response_format: format, n, tools }: z.output<typeof chatRequest>): void {
  const mismatch = mismatchIn(messages);
  if (mismatch !== null)
    complain(
      mismatch.problem === "orphan"
        ? '<400> InternalError.Algo.InvalidParameter: messages with role "tool" must be a response to a preceeding message with "tool_calls".'
        : '<400> InternalError.Algo.InvalidParameter: An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id".',
    );
  const says = JSON.stringify(messages.map(({ content }) => content)).toLowerCase();
  must(
    format?.type !== "json_object" || says.includes("json"),
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
  );
  must((n ?? 1) === 1 || (tools ?? []).length === 0, "n must be 1 when tools are given");
}
