import { isRecord } from "../../core/record.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { blocksOf, cacheControl } from "./content.ts";
import { thoughtsIn } from "./thoughts.ts";
import { ToolIds } from "./tool_ids.ts";

/** A conversation in Anthropic's form: instructions apart, then turns that alternate. */
export interface Conversation {
  /** Text blocks; empty without instructions. */
  readonly system: readonly Fields[];
  readonly turns: readonly Turn[];
}

/** What one side says before the other does. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly blocks: readonly Fields[];
}

/** Reads OpenAI's messages. Instructions count wherever they stand; neighbours of one role become one turn. */
export function conversationOf(messages: unknown, losses: Losses): Conversation {
  const system: Fields[] = [];
  const turns: { role: Turn["role"]; blocks: Fields[] }[] = [];
  const ids = new ToolIds();
  for (const message of Array.isArray(messages) ? messages : []) {
    if (!isRecord(message)) continue;
    if (message["role"] === "system" || message["role"] === "developer") {
      system.push(...marked(blocksOf(message["content"], losses), message));
      continue;
    }
    const role = message["role"] === "assistant" ? "assistant" : "user";
    const blocks = marked(
      role === "assistant" ? said(message, ids, losses) : asked(message, ids, losses),
      message,
    );
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, blocks: [...blocks] });
  }
  return { system, turns: wellFormed(turns, losses) };
}

/** A message's own cache breakpoint is that of its last block. */
function marked(blocks: readonly Fields[], message: Fields): readonly Fields[] {
  const last = blocks.at(-1);
  if (last === undefined || !isRecord(message["cache_control"])) return blocks;
  return [...blocks.slice(0, -1), { ...last, ...cacheControl(message) }];
}

/** The model speaks: thoughts first, then text, then calls, as it once wrote them. */
function said(message: Fields, ids: ToolIds, losses: Losses): readonly Fields[] {
  losses.dropped("messages", "Anthropic has no audio", isRecord(message["audio"]), "messages[].audio");
  const refusal = message["refusal"];
  return [
    ...thoughtsIn(message),
    ...blocksOf(message["content"], losses),
    ...(typeof refusal === "string" ? blocksOf(refusal, losses) : []),
    ...callsIn(message, ids, losses),
  ];
}

function callsIn(message: Fields, ids: ToolIds, losses: Losses): readonly Fields[] {
  const legacy = message["function_call"];
  if (isRecord(legacy)) return [toolUse(legacy, ids.begin(`function ${String(legacy["name"])}`))];
  const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"].filter(isRecord) : [];
  return calls.flatMap((call) => {
    const called = call["function"];
    if (isRecord(called)) return [toolUse(called, ids.begin(String(call["id"])))];
    losses.dropped(
      "messages",
      "Anthropic knows calls of functions only",
      true,
      "messages[].tool_calls[].custom",
    );
    return [];
  });
}

function toolUse(called: Fields, id: string): Fields {
  return { type: "tool_use", id, name: called["name"], input: inputOf(called["arguments"]) };
}

/** Arguments have to be an object; what a model once wrote that is none is kept as text. */
function inputOf(written: unknown): Fields {
  if (isRecord(written)) return written;
  if (typeof written !== "string" || written.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(written);
    return isRecord(parsed) ? parsed : { arguments: parsed };
  } catch {
    return { arguments: written };
  }
}

function asked(message: Fields, ids: ToolIds, losses: Losses): readonly Fields[] {
  const { role, content } = message;
  if (role !== "tool" && role !== "function") return blocksOf(content, losses);
  const id = role === "tool" ? String(message["tool_call_id"]) : `function ${String(message["name"])}`;
  const blocks = typeof content === "string" ? content : blocksOf(content, losses);
  return [
    {
      type: "tool_result",
      tool_use_id: ids.answered(id),
      ...(blocks.length === 0 ? {} : { content: blocks }),
    },
  ];
}

/** Results stand first in their turn, the user begins, and the last words of the model end in no space: the API insists. */
function wellFormed(turns: readonly Turn[], losses: Losses): readonly Turn[] {
  const ordered = turns.map(({ role, blocks }) =>
    role === "assistant"
      ? { role, blocks }
      : { role, blocks: [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))] },
  );
  if (ordered[0]?.role === "assistant") {
    losses.say(
      "messages",
      "messages begin with a user turn added here: Anthropic does not let the assistant begin",
    );
    ordered.unshift({ role: "user", blocks: [{ type: "text", text: "." }] });
  }
  const last = ordered.at(-1);
  return last?.role === "assistant" ? [...ordered.slice(0, -1), trimmed(last)] : ordered;
}

const isResult = (block: Fields): boolean => block["type"] === "tool_result";

function trimmed(turn: Turn): Turn {
  const last = turn.blocks.at(-1);
  if (last?.["type"] !== "text" || typeof last["text"] !== "string") return turn;
  const text = last["text"].trimEnd();
  const blocks = turn.blocks.slice(0, -1);
  return { ...turn, blocks: text === "" ? blocks : [...blocks, { ...last, text }] };
}
