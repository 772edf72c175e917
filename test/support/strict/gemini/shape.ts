import { z } from "zod";

/** The shape of a generateContent request. https://ai.google.dev/api/generate-content */

const base64 = z.string().regex(/^[A-Za-z0-9+/_-]+={0,2}$/, "Base64 decoding failed");
const struct = z.record(z.string(), z.unknown());
const text = z.string();

const type = z.string().regex(/^(string|number|integer|boolean|array|object|null)$/i, "unknown type");

/** OpenAPI's subset of JSON Schema, and no word more. https://ai.google.dev/api/caching#Schema */
const schema = z.strictObject({
  type: type.optional(),
  format: text.optional(),
  title: text.optional(),
  description: text.optional(),
  nullable: z.boolean().optional(),
  enum: z.array(z.string().min(1, "cannot be empty")).optional(),
  maxItems: z.coerce.number().int().optional(),
  minItems: z.coerce.number().int().optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof schema>> {
    return z.record(z.string(), schema).optional();
  },
  required: z.array(text).optional(),
  minProperties: z.coerce.number().int().optional(),
  maxProperties: z.coerce.number().int().optional(),
  minLength: z.coerce.number().int().optional(),
  maxLength: z.coerce.number().int().optional(),
  pattern: text.optional(),
  example: z.unknown().optional(),
  get anyOf(): z.ZodOptional<z.ZodArray<typeof schema>> {
    return z.array(schema).optional();
  },
  propertyOrdering: z.array(text).optional(),
  default: z.unknown().optional(),
  get items(): z.ZodOptional<typeof schema> {
    return schema.optional();
  },
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const blob = z.strictObject({ mimeType: z.string().regex(/^[\w.+-]+\/[\w.+-]+$/), data: base64 });
const fileData = z.strictObject({ mimeType: text.optional(), fileUri: z.string().min(1) });

const part = z.strictObject({
  text: text.optional(),
  inlineData: blob.optional(),
  fileData: fileData.optional(),
  functionCall: z
    .strictObject({ id: text.optional(), name: text.min(1), args: struct.optional() })
    .optional(),
  functionResponse: z
    .strictObject({
      id: text.optional(),
      name: text.min(1, "Name cannot be empty"),
      response: struct,
      parts: z
        .array(z.strictObject({ inlineData: blob.optional(), fileData: fileData.optional() }))
        .optional(),
      willContinue: z.boolean().optional(),
      scheduling: text.optional(),
    })
    .optional(),
  executableCode: struct.optional(),
  codeExecutionResult: struct.optional(),
  thought: z.boolean().optional(),
  thoughtSignature: base64.optional(),
  videoMetadata: struct.optional(),
  mediaResolution: struct.optional(),
});

const parts = z.union([z.array(part), part.transform((one) => [one])]);
const content = z.strictObject({
  role: z.enum(["user", "model", "function"], "Please use a valid role: user, model.").optional(),
  parts,
});

const functionName = z
  .string()
  .regex(/^[A-Za-z_][\w.:-]{0,127}$/, "Invalid function name. Must start with a letter or an underscore.");

const declaration = z.strictObject({
  name: functionName,
  description: text.optional(),
  behavior: text.optional(),
  parameters: schema.optional(),
  parametersJsonSchema: z.unknown().optional(),
  response: z.unknown().optional(),
  responseJsonSchema: z.unknown().optional(),
});

const tool = z.strictObject({
  functionDeclarations: z.array(declaration).optional(),
  googleSearch: struct.optional(),
  googleSearchRetrieval: struct.optional(),
  codeExecution: struct.optional(),
  urlContext: struct.optional(),
  googleMaps: struct.optional(),
  fileSearch: struct.optional(),
  computerUse: struct.optional(),
});

const toolConfig = z.strictObject({
  functionCallingConfig: z
    .strictObject({
      mode: z.enum(["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]).optional(),
      allowedFunctionNames: z.array(functionName).optional(),
    })
    .optional(),
  retrievalConfig: struct.optional(),
  includeServerSideToolInvocations: z.boolean().optional(),
});

const generationConfig = z.strictObject({
  stopSequences: z
    .array(z.string().min(1))
    .max(5, "the number of stop sequences must be at most 5")
    .optional(),
  responseMimeType: z.enum(["text/plain", "application/json", "text/x.enum"]).optional(),
  responseSchema: schema.optional(),
  responseJsonSchema: z.unknown().optional(),
  responseModalities: z.array(z.enum(["TEXT", "IMAGE", "AUDIO"])).optional(),
  candidateCount: z.int().min(1).max(8).optional(),
  maxOutputTokens: z.int().min(1).optional(),
  temperature: z
    .number()
    .min(0)
    .max(2, "supported range is from 0 (inclusive) to 2.0001 (exclusive)")
    .optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().min(1).optional(),
  seed: z.int32().optional(),
  presencePenalty: z.number().min(-2).lt(2).optional(),
  frequencyPenalty: z.number().min(-2).lt(2).optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: z.int().min(0).max(20).optional(),
  enableEnhancedCivicAnswers: z.boolean().optional(),
  speechConfig: struct.optional(),
  imageConfig: struct.optional(),
  mediaResolution: text.optional(),
  thinkingConfig: z
    .strictObject({
      includeThoughts: z.boolean().optional(),
      thinkingBudget: z.int().min(-1).optional(),
      thinkingLevel: z
        .string()
        .regex(/^(minimal|low|medium|high)$/i)
        .optional(),
    })
    .optional(),
});

const harm = z.string().regex(/^HARM_CATEGORY_[A-Z_]+$/);
const threshold = z.enum([
  "BLOCK_LOW_AND_ABOVE",
  "BLOCK_MEDIUM_AND_ABOVE",
  "BLOCK_ONLY_HIGH",
  "BLOCK_NONE",
  "OFF",
]);

export const generateRequest = z.strictObject({
  model: text.optional(),
  contents: z.array(content).min(1, "contents is not specified"),
  systemInstruction: z.strictObject({ role: text.optional(), parts }).optional(),
  tools: z.union([z.array(tool), tool.transform((one) => [one])]).optional(),
  toolConfig: toolConfig.optional(),
  safetySettings: z.array(z.strictObject({ category: harm, threshold })).optional(),
  generationConfig: generationConfig.optional(),
  cachedContent: text.optional(),
  serviceTier: text.optional(),
});

/** A request of the right shape. */
export type GenerateRequest = z.output<typeof generateRequest>;
export type Content = GenerateRequest["contents"][number];
export type Part = Content["parts"][number];
export type Schema = z.output<typeof schema>;
