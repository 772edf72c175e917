import { z } from "zod";
import type { Received } from "../upstream.ts";
import { type Manner, streamedAnswer, wholeAnswer } from "./chat/answer.ts";
import { askedOf, mismatchIn } from "./chat/conversation.ts";
import { functionName, imageUrl, namedTool, responseFormat, schema, text } from "./chat/shape.ts";
import { complain, must, readBody, type Wording } from "./complaint.ts";
import type { Protocol } from "./mock.ts";

const image = z.strictObject({
  type: z.literal("image_url"),
  image_url: z.union([imageUrl, z.strictObject({ url: imageUrl, detail: z.string().nullish() })]),
});
const document = z.strictObject({
  type: z.literal("document_url"),
  document_url: z.string(),
  document_name: z.string().nullish(),
});
const thinking = z.strictObject({
  type: z.literal("thinking"),
  thinking: z.array(text),
  closed: z.boolean().optional(),
});
const content = z.union([
  z.string(),
  z.array(z.discriminatedUnion("type", [text, image, document, thinking])),
]);

const toolCall = z.strictObject({
  id: z.string().optional().default("null"),
  type: z.string().nullish(),
  function: z.strictObject({
    name: z.string().min(1),
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
  }),
  index: z.int().optional(),
});

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content }),
  z.strictObject({ role: z.literal("user"), content: content.nullable() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: content.nullish(),
    tool_calls: z.array(toolCall).nullish(),
    prefix: z.boolean().optional(),
  }),
  z.strictObject({
    role: z.literal("tool"),
    content: content.nullable(),
    tool_call_id: z.string().optional(),
    name: z.string().nullish(),
  }),
]);

const tool = z.strictObject({
  type: z.literal("function").optional(),
  function: z.strictObject({
    name: functionName,
    description: z.string().optional(),
    strict: z.boolean().optional(),
    parameters: schema,
  }),
});

const chatRequest = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  temperature: z.number().min(0).max(1.5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(0).nullish(),
  stream: z.boolean().optional(),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  random_seed: z.int().min(0).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  response_format: responseFormat.optional(),
  tools: z.array(tool).nullish(),
  tool_choice: z.union([z.enum(["auto", "none", "any", "required"]), namedTool]).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  n: z.int().min(1).nullish(),
  prediction: z.strictObject({ type: z.literal("content"), content: z.string() }).optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt_mode: z.literal("reasoning").nullish(),
  reasoning_effort: z.enum(["none", "high"]).nullish(),
  safe_prompt: z.boolean().optional(),
});

const word: Wording = (path, issue) =>
  issue.code === "unrecognized_keys"
    ? `extra_forbidden: body.${[...path, issue.keys[0] ?? ""].join(".")}: Extra inputs are not permitted`
    : `body.${path.join(".")}: ${issue.message}`;

/** Nine letters and digits: Mistral takes no other id of a call, and gives no other. */
const nine = /^[a-zA-Z0-9]{9}$/;

const manner: Manner = {
  id: "0123456789abcdef",
  callId: (answer, at) => `M${answer.toString(36).padStart(7, "0")}${at}`,
  said: (reasoning, text) => ({
    content:
      reasoning === null
        ? (text ?? "")
        : [
            { type: "thinking", thinking: [{ type: "text", text: reasoning }] },
            ...(text === null ? [] : [{ type: "text", text }]),
          ],
  }),
  message: {},
  choice: {},
  call: (index) => ({ index }),
  pieces: (call, id, index) => [
    { id, function: { name: call.name, arguments: JSON.stringify(call.arguments) }, index },
  ],
  usage: "with the finish",
};

/** Mistral's chat completions, which refuse what they do not know. https://docs.mistral.ai/api */
export function mistral(): Protocol {
  let answers = 0;
  return {
    basePath: "/v1",
    read: (received) => {
      checkHeaders(received);
      const request = readBody(chatRequest, received.body, word, 422);
      checkOrder(request);
      return askedOf(request, request.model.startsWith("magistral") || request.reasoning_effort === "high");
    },
    whole: (turn, asked) => wholeAnswer(manner, turn, asked, answers++),
    streamed: (turn, asked) => streamedAnswer(manner, turn, asked, { answer: answers++, includeUsage: true }),
    error: (status, message, code) =>
      status === 422
        ? { detail: [{ type: "extra_forbidden", loc: ["body"], msg: message }] }
        : { object: "error", message, type: "invalid_request_error", param: null, code: code ?? "3000" },
  };
}

function checkHeaders({ path, headers }: Received): void {
  must(path === "/v1/chat/completions", "no Route matched with those values", 404);
  must(/^Bearer \S+$/.test(headers.get("authorization") ?? ""), "Unauthorized", 401);
}

/** Who may speak after whom, as its tokenizer has it. */
const follows: Readonly<Record<string, readonly string[]>> = {
  system: ["system", "user", "assistant"],
  user: ["system", "user", "assistant"],
  assistant: ["user", "assistant", "tool"],
  tool: ["assistant", "tool"],
};

function checkOrder({ messages, tools, tool_choice: choice }: z.output<typeof chatRequest>): void {
  for (const [at, { role }] of messages.entries()) {
    const before = messages[at - 1]?.role;
    if (before !== undefined && !follows[before]?.includes(role))
      complain(`Unexpected role '${role}' after role '${before}'`, 400, "3230");
  }
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    const { tool_calls: calls, content = null } = message;
    must(
      (calls ?? []).length > 0 || (content ?? "").length > 0,
      "Assistant message must have either content or tool_calls, but not none.",
    );
    for (const { id } of calls ?? [])
      must(nine.test(id), `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`);
  }
  const last = messages.at(-1);
  const mayEnd =
    last?.role === "user" || last?.role === "tool" || (last?.role === "assistant" && last.prefix === true);
  if (!mayEnd)
    complain(
      `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${last?.role}`,
      400,
      "3230",
    );
  if (mismatchIn(messages) !== null)
    complain("Not the same number of function calls and responses", 400, "3230");
  must(
    (tools ?? []).length > 0 || choice === undefined || choice === "none" || choice === "auto",
    "When using tool_choice, tools must be set.",
  );
}
