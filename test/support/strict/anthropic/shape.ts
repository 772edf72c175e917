import { z } from "zod";

/** The shape of a Messages request: every field there is, and no other. https://docs.anthropic.com/en/api/messages */

const cache = z
  .strictObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish();

const text = z.strictObject({
  type: z.literal("text"),
  text: z.string(),
  cache_control: cache,
  citations: z.array(z.unknown()).nullish(),
});

const pictures = z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]);
const https = z.string().regex(/^https:\/\/\S+$/, "Only HTTPS URLs are supported.");
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, "invalid base64 data");
const url = z.strictObject({ type: z.literal("url"), url: https });
const file = z.strictObject({ type: z.literal("file"), file_id: z.string() });

const image = z.strictObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("base64"), media_type: pictures, data: base64 }),
    url,
    file,
  ]),
  cache_control: cache,
});

const document = z.strictObject({
  type: z.literal("document"),
  source: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("base64"), media_type: z.literal("application/pdf"), data: base64 }),
    z.strictObject({ type: z.literal("text"), media_type: z.literal("text/plain"), data: z.string() }),
    url,
    file,
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations: z.strictObject({ enabled: z.boolean() }).nullish(),
  cache_control: cache,
});

/** A string is short for one text block. */
const blocks = <Block extends z.ZodType>(block: Block) =>
  z.preprocess((said) => (typeof said === "string" ? [{ type: "text", text: said }] : said), z.array(block));

const id = z.string().regex(/^[a-zA-Z0-9_-]+$/, "String should match pattern '^[a-zA-Z0-9_-]+$'");

const toolResult = z.strictObject({
  type: z.literal("tool_result"),
  tool_use_id: id,
  content: blocks(z.discriminatedUnion("type", [text, image, document])).optional(),
  is_error: z.boolean().nullish(),
  cache_control: cache,
});

const toolUse = z.strictObject({
  type: z.literal("tool_use"),
  id,
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown(), "Input should be a valid dictionary"),
  cache_control: cache,
});

const thinking = z.strictObject({
  type: z.literal("thinking"),
  thinking: z.string(),
  signature: z.string(),
});
const redacted = z.strictObject({ type: z.literal("redacted_thinking"), data: z.string() });

const userBlock = z.discriminatedUnion("type", [text, image, document, toolResult]);
const assistantBlock = z.discriminatedUnion("type", [text, thinking, redacted, toolUse]);

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), content: blocks(userBlock) }),
  z.strictObject({ role: z.literal("assistant"), content: blocks(assistantBlock) }),
]);

const tool = z.strictObject({
  type: z.literal("custom").nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal("object") }),
  strict: z.boolean().optional(),
  defer_loading: z.boolean().optional(),
  cache_control: cache,
});

const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("auto"), ...parallel }),
  z.strictObject({ type: z.literal("any"), ...parallel }),
  z.strictObject({ type: z.literal("tool"), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal("none") }),
]);

const display = { display: z.enum(["summarized", "omitted"]).optional() };
const thinkingConfig = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("enabled"),
    budget_tokens: z.int().min(1024, "Input should be greater than or equal to 1024"),
    ...display,
  }),
  z.strictObject({ type: z.literal("adaptive"), ...display }),
  z.strictObject({ type: z.literal("disabled") }),
]);

const share = z.number().min(0).max(1);

export const messagesRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1, "at least one message is required"),
  max_tokens: z.int().min(1, "Input should be greater than or equal to 1"),
  system: blocks(text).optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  stop_sequences: z.array(z.string()).optional(),
  stream: z.boolean().optional(),
  temperature: share.optional(),
  top_p: share.optional(),
  top_k: z.int().min(0).optional(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  thinking: thinkingConfig.optional(),
  service_tier: z.enum(["auto", "standard_only"]).optional(),
  cache_control: cache,
  output_config: z
    .strictObject({
      effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
      format: z.strictObject({ type: z.literal("json_schema"), schema: z.looseObject({}) }).nullish(),
    })
    .optional(),
});

/** A request of the right shape. */
export type MessagesRequest = z.output<typeof messagesRequest>;
export type Message = MessagesRequest["messages"][number];
export type Block = Message["content"][number];
