import { isRecord } from "../../../../src/core/record.ts";
import { must } from "../complaint.ts";
import { checkThoughts, checkToolUse, type Issued, mergeTurns, type Turn } from "./conversation.ts";
import { checkModel, checkSampling, checkThinking } from "./model.ts";
import type { MessagesRequest } from "./shape.ts";

/** Holds a request of the right shape to what no shape can say. */
export function holdToRules(request: MessagesRequest, issued: Issued): void {
  const turns = mergeTurns(request.messages);
  must(turns[0]?.role === "user", 'messages: first message must use the "user" role');
  checkText(request, turns);
  checkTools(request);
  checkToolUse(turns);
  checkThoughts(turns, issued);
  checkSampling(request);
  checkThinking(request, turns);
  checkModel(request, turns);
  const format = request.output_config?.format;
  if (format) checkClosed(format.schema, "output_config.format.schema");
}

const blank = (text: string): boolean => text.trim() === "";

function checkText({ messages, system, stop_sequences }: MessagesRequest, turns: readonly Turn[]): void {
  for (const [at, { role, content }] of messages.entries()) {
    const mayBeEmpty = at === messages.length - 1 && role === "assistant";
    must(content.length > 0 || mayBeEmpty, `messages.${at}: all messages must have non-empty content`);
  }
  for (const block of turns.flatMap(({ content }) => content)) {
    if (block.type === "text") checkTextBlock(block.text, "messages");
    if (block.type !== "tool_result") continue;
    for (const inner of block.content ?? [])
      if (inner.type === "text") checkTextBlock(inner.text, "messages");
  }
  for (const { text } of system ?? []) checkTextBlock(text, "system");
  const last = turns.at(-1)?.content.at(-1);
  if (turns.at(-1)?.role === "assistant" && last?.type === "text")
    must(
      last.text === last.text.trimEnd(),
      "messages: final assistant content cannot end with trailing whitespace",
    );
  for (const [at, stop] of (stop_sequences ?? []).entries())
    must(!blank(stop), `stop_sequences.${at}: each stop sequence must contain non-whitespace`);
}

function checkTextBlock(text: string, where: string): void {
  must(text !== "", `${where}: text content blocks must be non-empty`);
  must(!blank(text), `${where}: text content blocks must contain non-whitespace text`);
}

function checkTools({ tools = [], tool_choice: choice }: MessagesRequest): void {
  const names = tools.map(({ name }) => name);
  must(new Set(names).size === names.length, "tools: Tool names must be unique.");
  must(choice === undefined || tools.length > 0, "tool_choice may only be specified while providing tools");
  if (choice?.type === "tool")
    must(names.includes(choice.name), `Tool '${choice.name}' not found in provided tools`);
  for (const [at, { input_schema: schema, strict }] of tools.entries()) {
    const where = `tools.${at}.custom.input_schema`;
    for (const word of ["oneOf", "allOf", "anyOf"])
      must(
        !Object.hasOwn(schema, word),
        `${where}: input_schema does not support oneOf, allOf, or anyOf at the top level`,
      );
    if (strict === true) checkClosed(schema, where);
  }
}

const unenforced = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
];

/** Where answers are held to a schema its objects are closed, and it has no bounds. */
function checkClosed(schema: unknown, where: string): void {
  if (Array.isArray(schema)) for (const each of schema) checkClosed(each, where);
  if (!isRecord(schema)) return;
  if (schema["type"] === "object")
    must(
      schema["additionalProperties"] === false,
      `${where}: For 'object' type, 'additionalProperties' must be explicitly set to false`,
    );
  for (const word of unenforced)
    must(
      !Object.hasOwn(schema, word) || isRecord(schema[word]),
      `${where}: For '${schema["type"]}' type, property '${word}' is not supported`,
    );
  for (const [word, inner] of Object.entries(schema)) {
    if (word === "enum" || word === "const" || word === "default" || word === "examples") continue;
    if (word !== "properties" && word !== "$defs") checkClosed(inner, where);
    else if (isRecord(inner)) for (const each of Object.values(inner)) checkClosed(each, where);
  }
}
