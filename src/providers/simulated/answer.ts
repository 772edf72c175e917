import { isRecord } from "../../core/record.ts";
import type { UpstreamRequest } from "../../domain/adapter.ts";
import type { Fields } from "../fields.ts";
import { fingerprint } from "../fingerprint.ts";
import type { FinishReason } from "../finish_reason.ts";
import { invent } from "./schema.ts";

/** As much of what the user said is said back. */
const maxEcho = 200;
/** Bytes that count as one token. */
const bytesPerToken = 4;

/** One answer of the built-in model, before it is put on the wire. */
export interface SimulatedChoice {
  readonly tokens: readonly string[];
  readonly call: { readonly id: string; readonly name: string; readonly arguments: readonly string[] } | null;
  readonly finish: FinishReason;
}

/** What the model answers, choice by choice. The same request gives the same answer. */
export function simulateChoices(request: UpstreamRequest, n: number): readonly SimulatedChoice[] {
  if (request.endpoint === "completions") {
    const prompts = promptsOf(request.params["prompt"]);
    const each = Math.max(1, Math.floor(n / prompts.length));
    return prompts.flatMap((prompt) =>
      numbered(each).map((index) => spoken(request, sentence(request.model, prompt, index, each))),
    );
  }
  const said = lastSaid(request.params["messages"]);
  const tool = toolToCall(request.params, said.role);
  return numbered(n).map((index) => {
    if (tool !== null) return called(tool, said.text, index);
    return spoken(
      request,
      json(request, said.text) ?? sentence(request.model, said.text, index, n, said.role),
    );
  });
}

/** Pieces of about four bytes, never half a character: what stands for tokens here. */
export function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let token = "";
  let bytes = 0;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (bytes > 0 && bytes + size > bytesPerToken) {
      tokens.push(token);
      token = "";
      bytes = 0;
    }
    token += character;
    bytes += size;
  }
  if (token !== "") tokens.push(token);
  return tokens;
}

interface Tool {
  readonly name: string;
  readonly parameters: unknown;
}

function sentence(model: string, said: string, index: number, n: number, role = "user"): string {
  const start = n === 1 ? "" : `(${index + 1} of ${n}) `;
  const echo =
    said === ""
      ? "You said nothing yet."
      : `${role === "tool" ? "The tool answered" : "You said"}: "${said}".`;
  return `${start}This is ${model}, a simulated demo model: it runs inside the gateway, without a network. ${echo} Name a real provider in routes.yaml to get real answers.`;
}

function spoken({ params }: UpstreamRequest, text: string): SimulatedChoice {
  const tokens = tokensOf(text);
  const bound = params["max_completion_tokens"] ?? params["max_tokens"];
  const isCut = typeof bound === "number" && tokens.length > bound;
  return { tokens: isCut ? tokens.slice(0, bound) : tokens, call: null, finish: isCut ? "length" : "stop" };
}

function called(tool: Tool, topic: string, index: number): SimulatedChoice {
  const schema = isRecord(tool.parameters) ? { type: "object", ...tool.parameters } : { type: "object" };
  const text = JSON.stringify(invent(schema, { root: schema, topic }));
  return {
    tokens: [],
    call: {
      id: `call_${fingerprint(`${index} ${tool.name} ${text}`)}`,
      name: tool.name,
      arguments: tokensOf(text),
    },
    finish: "tool_calls",
  };
}

/** JSON where the request wants it, by its schema where it has one. */
function json({ params, model }: UpstreamRequest, topic: string): string | null {
  const format = params["response_format"];
  if (!isRecord(format)) return null;
  if (format["type"] === "json_object") return JSON.stringify({ model, simulated: true, you_said: topic });
  const wanted = format["json_schema"];
  if (format["type"] !== "json_schema" || !isRecord(wanted)) return null;
  return JSON.stringify(invent(wanted["schema"], { root: wanted["schema"], topic }));
}

/** The tool to call: the one that `tool_choice` names, else the first. After a tool has answered there is something to say instead. */
function toolToCall(params: Fields, lastRole: string): Tool | null {
  const { tools, tool_choice: choice } = params;
  if (!Array.isArray(tools) || choice === "none") return null;
  const known = tools.flatMap((tool): readonly Tool[] => {
    const declared = isRecord(tool) && isRecord(tool["function"]) ? tool["function"] : {};
    return typeof declared["name"] === "string"
      ? [{ name: declared["name"], parameters: declared["parameters"] }]
      : [];
  });
  const named = isRecord(choice) && isRecord(choice["function"]) ? choice["function"]["name"] : null;
  if (lastRole === "tool" && choice !== "required" && named === null) return null;
  return known.find((tool) => tool.name === named) ?? known[0] ?? null;
}

/** What was said last, by the user or by a tool. */
function lastSaid(messages: unknown): { readonly role: string; readonly text: string } {
  const list = Array.isArray(messages) ? messages : [];
  const last = list.findLast(
    (message) => isRecord(message) && (message["role"] === "user" || message["role"] === "tool"),
  );
  if (!isRecord(last)) return { role: "user", text: "" };
  return { role: String(last["role"]), text: echoOf(last["content"]) };
}

function echoOf(content: unknown): string {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [{ text: content }];
  const texts = parts.map((part) => (isRecord(part) && typeof part["text"] === "string" ? part["text"] : ""));
  const line = texts
    .join(" ")
    .slice(0, 8 * maxEcho)
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= maxEcho ? line : `${line.slice(0, maxEcho - 1).toWellFormed()}…`;
}

function promptsOf(prompt: unknown): readonly string[] {
  if (!Array.isArray(prompt)) return [echoOf(prompt)];
  if (typeof prompt[0] === "number") return [`${prompt.length} tokens`];
  return prompt.map((item) => (Array.isArray(item) ? `${item.length} tokens` : echoOf(item)));
}

const numbered = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
