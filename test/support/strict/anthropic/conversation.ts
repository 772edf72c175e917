import { complain, must } from "../complaint.ts";
import type { Block, Message } from "./shape.ts";

/** What was signed: the thinking, by its signature; nothing for encrypted thinking. */
export type Issued = ReadonlyMap<string, string>;

/** One turn of either side, of one message or several of the same role in a row. */
export interface Turn {
  readonly role: Message["role"];
  readonly content: readonly Block[];
}

/** The turns of a conversation: messages of one role in a row are one turn. */
export function mergeTurns(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) turns[turns.length - 1] = { role, content: [...last.content, ...content] };
    else turns.push({ role, content });
  }
  return turns;
}

/** Every call of an assistant turn is answered once, at the start of the next turn; nothing else is. */
export function checkToolUse(turns: readonly Turn[]): void {
  const seen = new Set<string>();
  for (const [at, { role, content }] of turns.entries()) {
    if (role === "user") continue;
    const ids = content.flatMap((block) => (block.type === "tool_use" ? block.id : []));
    for (const id of ids) {
      must(!seen.has(id), "messages: `tool_use` ids must be unique");
      seen.add(id);
    }
    checkResults(ids, turns[at + 1], at);
  }
  const first = turns[0]?.content.find((block) => block.type === "tool_result");
  if (first?.type === "tool_result") unexpected(0, first.tool_use_id);
}

function checkResults(ids: readonly string[], next: Turn | undefined, at: number): void {
  const content = next?.content ?? [];
  const end = content.findIndex((block) => block.type !== "tool_result");
  const leading = content.slice(0, end === -1 ? content.length : end);
  const answered = leading.flatMap((block) => (block.type === "tool_result" ? block.tool_use_id : []));
  const open = ids.filter((id) => !answered.includes(id));
  if (open.length > 0)
    complain(
      `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  const all = content.flatMap((block) => (block.type === "tool_result" ? block.tool_use_id : []));
  for (const [index, id] of all.entries()) {
    if (!ids.includes(id)) unexpected(at + 1, id);
    must(
      all.indexOf(id) === index,
      `messages.${at + 1}.content.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
    );
  }
}

const unexpected = (at: number, id: string): never =>
  complain(
    `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
  );

/** Every thought is one that was signed, as it was. */
export function checkThoughts(turns: readonly Turn[], issued: Issued): void {
  for (const [at, { content }] of turns.entries()) {
    const end = content.at(-1)?.type;
    must(
      end !== "thinking" && end !== "redacted_thinking",
      `messages.${at}: The final block in an assistant message cannot be \`thinking\`.`,
    );
    for (const [index, block] of content.entries()) {
      if (block.type === "thinking")
        must(
          issued.get(block.signature) === block.thinking,
          `messages.${at}.content.${index}: Invalid \`signature\` in \`thinking\` block`,
        );
      if (block.type === "redacted_thinking")
        must(
          issued.has(block.data),
          `messages.${at}.content.${index}: Invalid \`data\` in \`redacted_thinking\` block`,
        );
    }
  }
}
