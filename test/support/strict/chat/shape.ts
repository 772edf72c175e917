import { z } from "zod";

/** The pieces of a chat request that all servers of OpenAI's format know, and no other. https://platform.openai.com/docs/api-reference/chat/create */

export const text = z.strictObject({ type: z.literal("text"), text: z.string() });

export const imageUrl = z
  .string()
  .regex(/^(https?:\/\/\S+|data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/]+={0,2})$/, "not a valid URL");

/** JSON Schema's words are the provider's to judge; every one of them takes an object. */
export const schema = z.looseObject({ type: z.literal("object").optional() });

export const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "string does not match pattern");

export const functionTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: functionName,
    description: z.string().nullish(),
    parameters: schema.nullish(),
    strict: z.boolean().nullish(),
  }),
});

export const toolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
});

export const namedTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({ name: functionName }),
});

export const responseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: functionName,
      description: z.string().nullish(),
      schema: z.looseObject({}).nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** What the rules and the script read of a message, whatever else it has. */
export interface ReadMessage {
  readonly role: string;
  readonly content?:
    | string
    | readonly { readonly type: string; readonly text?: unknown }[]
    | null
    | undefined;
  readonly tool_call_id?: string | undefined;
  readonly tool_calls?: readonly ReadCall[] | null | undefined;
}

export interface ReadCall {
  readonly id: string;
  readonly function: { readonly arguments: unknown };
}

/** What the script reads of a request. */
export interface ReadRequest {
  readonly model: string;
  readonly messages: readonly ReadMessage[];
  readonly stream?: boolean | null | undefined;
  readonly tools?: readonly { readonly function: { readonly name: string } }[] | null | undefined;
  readonly tool_choice?: unknown;
  readonly response_format?:
    | { readonly type: string; readonly json_schema?: { readonly schema?: unknown } | undefined }
    | null
    | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
}
