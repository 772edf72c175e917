import { isRecord } from "../../../src/core/record.ts";
import type { Received } from "../upstream.ts";
import { mergeTurns, type Turn as Side } from "./anthropic/conversation.ts";
import { holdToRules } from "./anthropic/rules.ts";
import { type MessagesRequest, messagesRequest } from "./anthropic/shape.ts";
import { must, readBody, type Wording } from "./complaint.ts";
import type { Protocol } from "./mock.ts";
import { type Asked, inPieces, type Turn, tokens } from "./turn.ts";

const word: Wording = (path, issue) => {
  const where = path.join(".");
  if (issue.code === "unrecognized_keys")
    return `${[...path, issue.keys[0] ?? ""].join(".")}: Extra inputs are not permitted`;
  return `${where}: ${issue.input === undefined && issue.code === "invalid_type" ? "Field required" : issue.message}`;
};

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

/** Anthropic's Messages API, with a memory of what it signed. https://docs.anthropic.com/en/api/messages */
export function anthropic(): Protocol {
  const issued = new Map<string, string>();
  const sign = (thinking: string): string => {
    const signature = Buffer.from(`${issued.size}>?~ÿ signed`).toString("base64");
    issued.set(signature, thinking);
    return signature;
  };
  let answers = 0;
  return {
    basePath: "/v1",
    read: (received) => {
      checkHeaders(received);
      const request = readBody(messagesRequest, received.body, word);
      holdToRules(request, issued);
      return askedOf(request);
    },
    whole: (turn, asked) => ({
      ...message(`msg_${answers++}`, asked.model),
      content: blocksOf(turn, asked, sign, answers),
      stop_reason: stopReason(turn),
      usage: { input_tokens: tokens.prompt, output_tokens: tokens.completion },
    }),
    streamed: (turn, asked) => {
      const head = message(`msg_${answers++}`, asked.model);
      return [...eventsOf(head, blocksOf(turn, asked, sign, answers), stopReason(turn))]
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join("");
    },
    error: (status, says) => ({
      type: "error",
      error: { type: errorTypes[status] ?? "api_error", message: says },
      request_id: "req_1",
    }),
  };
}

function checkHeaders({ path, headers }: Received): void {
  must(path === "/v1/messages", "Not Found", 404);
  must((headers.get("x-api-key") ?? "") !== "", "x-api-key header is required", 401);
  must(headers.get("anthropic-version") === "2023-06-01", "anthropic-version: header is required");
  must(headers.get("content-type")?.startsWith("application/json") === true, "content-type is not JSON");
}

function askedOf(request: MessagesRequest): Asked {
  const turns = mergeTurns(request.messages);
  const last = turns.at(-1);
  const all = turns.flatMap(({ content }) => content);
  return {
    model: request.model,
    stream: request.stream === true,
    system: (request.system ?? []).map(({ text }) => text).join("\n"),
    user: textOf(
      turns.findLast(({ role, content }) => role === "user" && content.some(({ type }) => type === "text")),
    ),
    images: all.filter(({ type }) => type === "image").length,
    tools: request.tool_choice?.type === "none" ? [] : (request.tools ?? []).map(({ name }) => name),
    results: (last?.content ?? []).flatMap((block) =>
      block.type === "tool_result" ? textOf({ role: "user", content: block.content ?? [] }) : [],
    ),
    schema: request.output_config?.format?.schema ?? null,
    thinking: request.thinking !== undefined && request.thinking.type !== "disabled",
    stop: request.stop_sequences ?? [],
  };
}

const textOf = (turn: Side | undefined): string =>
  (turn?.content ?? []).map((block) => (block.type === "text" ? block.text : "")).join("");

const message = (id: string, model: string) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [] as readonly Block[],
  stop_reason: null as string | null,
  stop_sequence: null,
});

const stopReason = ({ calls = [] }: Turn): string => (calls.length > 0 ? "tool_use" : "end_turn");

type Block =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: object };

function blocksOf(
  { reasoning, redacted = false, text, calls = [] }: Turn,
  { thinking }: Asked,
  sign: (thinking: string) => string,
  answer: number,
): readonly Block[] {
  const blocks: Block[] = [];
  if (thinking && redacted) blocks.push({ type: "redacted_thinking", data: sign("") });
  else if (thinking && reasoning !== undefined)
    blocks.push({ type: "thinking", thinking: reasoning, signature: sign(reasoning) });
  if (text !== undefined) blocks.push({ type: "text", text });
  for (const [at, call] of calls.entries())
    blocks.push({ type: "tool_use", id: `toolu_${answer}_${at}`, name: call.name, input: call.arguments });
  return blocks;
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

function* eventsOf(head: object, blocks: readonly Block[], stop: string): Generator<Event> {
  const usage = { input_tokens: tokens.prompt, output_tokens: 1 };
  yield { type: "message_start", message: { ...head, usage } };
  yield { type: "ping" };
  for (const [index, block] of blocks.entries()) {
    yield { type: "content_block_start", index, content_block: begun(block) };
    for (const delta of deltasOf(block)) yield { type: "content_block_delta", index, delta };
    yield { type: "content_block_stop", index };
  }
  yield {
    type: "message_delta",
    delta: { stop_reason: stop, stop_sequence: null },
    usage: { output_tokens: tokens.completion },
  };
  yield { type: "message_stop" };
}

function begun(block: Block): object {
  if (block.type === "thinking") return { ...block, thinking: "", signature: "" };
  if (block.type === "text") return { ...block, text: "" };
  return block.type === "tool_use" ? { ...block, input: {} } : block;
}

function deltasOf(block: Block): readonly object[] {
  switch (block.type) {
    case "thinking":
      return [
        ...inPieces(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: block.signature },
      ];
    case "text":
      return inPieces(block.text).map((text) => ({ type: "text_delta", text }));
    case "tool_use": {
      // A call without arguments streams no JSON at all.
      const json =
        isRecord(block.input) && Object.keys(block.input).length === 0 ? "" : JSON.stringify(block.input);
      return ["", ...inPieces(json)].map((partial_json) => ({ type: "input_json_delta", partial_json }));
    }
    case "redacted_thinking":
      return [];
  }
}
