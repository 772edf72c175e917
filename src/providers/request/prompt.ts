import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";

const roleNames: Readonly<Record<string, string>> = {
  system: "System",
  developer: "System",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
  function: "Tool",
};

/** The messages of a request. */
export const messagesOf = ({ messages }: Fields): readonly Fields[] =>
  Array.isArray(messages) ? messages.filter(isRecord) : [];

/** Whether a message instructs the model, under either of the names for it. */
export const isSystem = ({ role }: Fields): boolean => role === "system" || role === "developer";

/**
 * A conversation as one text: the text alone where there is one message of a user, else each message behind the name of
 * its role, with an empty line between two. Calls of tools are written as `name(arguments)`.
 */
export function promptOf(messages: readonly Fields[]): string {
  const [first] = messages;
  if (messages.length === 1 && first?.["role"] === "user") return textOf(first);
  return messages.map((message) => `${roleOf(message)}: ${saidIn(message)}`).join("\n\n");
}

/** What the last message of a user says; undefined without one. */
export function lastUserOf(messages: readonly Fields[]): string | undefined {
  const last = messages.findLast(({ role }) => role === "user");
  return last === undefined ? undefined : textOf(last);
}

/** All instructions, with an empty line between two; undefined without one. */
export function systemOf(messages: readonly Fields[]): string | undefined {
  const all = messages.filter(isSystem).map(textOf);
  return all.length === 0 ? undefined : all.join("\n\n");
}

/** Whether a message holds what no text can, as an image. */
export const isMoreThanText = ({ content }: Fields): boolean =>
  Array.isArray(content) && content.some((part) => textIn(part) === null);

function textOf({ content }: Fields): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.flatMap((part) => textIn(part) ?? []).join("\n") : "";
}

function textIn(part: unknown): string | null {
  if (typeof part === "string") return part;
  const said = isRecord(part) ? (part["text"] ?? part["refusal"]) : null;
  return typeof said === "string" ? said : null;
}

function saidIn(message: Fields): string {
  const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  const called = [...calls.map((call) => isRecord(call) && call["function"]), message["function_call"]];
  const lines = called
    .filter(isRecord)
    .map((call) => `${stringIn(call["name"])}(${stringIn(call["arguments"])})`);
  return [textOf(message), ...lines].filter((line) => line !== "").join("\n");
}

const stringIn = (value: unknown): string => (typeof value === "string" ? value : "");

const roleOf = ({ role }: Fields): string =>
  (typeof role === "string" && Object.hasOwn(roleNames, role) ? roleNames[role] : undefined) ?? "User";
