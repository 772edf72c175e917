import type { AttemptRow, RequestRow } from "../../domain/journal.ts";
import { printable, type Shell } from "../shell.ts";
import type { Answer } from "./answer.ts";

/** An answer and how it came about, for programs. What is not known is null. */
export const reportOf = ({ text, body, error }: Answer, row: RequestRow | null) => ({
  ok: error === null,
  model: row?.model ?? null,
  served_model: row?.served_model ?? null,
  provider: row?.provider ?? null,
  upstream: row?.upstream ?? null,
  reply: error === null ? text : null,
  error,
  attempts: (row?.attempts ?? []).map(({ provider, upstream, outcome, status, duration_ms }) => ({
    ...{ provider, model: upstream, outcome, status, duration_ms },
  })),
  usage: row?.usage ?? null,
  cost_usd: row?.cost_usd ?? null,
  duration_ms: row?.duration_ms ?? null,
  warnings: row?.warnings ?? [],
  answer: body,
});

/** Ends what was said, and tells people beside it who said it, by what way, and for how much. */
export async function tell({ text, error }: Answer, row: RequestRow | null, shell: Shell): Promise<void> {
  if (text !== "" && !text.endsWith("\n")) await shell.out.write("\n");
  const { write, paint } = shell.err;
  const failed = (row?.attempts ?? []).filter(({ outcome }) => outcome !== "ok");
  for (const attempt of failed) await write(`${paint("yellow", sayAttempt(attempt))}\n`);
  for (const warning of row?.warnings ?? []) await write(`${paint("yellow", `warning: ${warning}`)}\n`);
  if (error !== null) await write(`${paint("red", printable(error.message))}\n`);
  else if (text === "") await write("The answer has no text.\n");
  if (error === null && row !== null) await write(`${paint("dim", summary(row))}\n`);
}

const sayAttempt = ({ provider, upstream, outcome, status, duration_ms }: AttemptRow): string =>
  `${provider}/${upstream}: ${outcome}${status === null ? "" : ` ${status}`} after ${Math.round(duration_ms)} ms`;

/** `small → openai/gpt-4o-mini · 12 + 30 tokens · $0.000020 · 841 ms, the first after 210 ms`. */
function summary(row: RequestRow): string {
  const { model, served_model, provider, upstream, usage, cost_usd, duration_ms, ttft_ms } = row;
  const isFallback = served_model !== model;
  const first = ttft_ms === null || !row.stream ? "" : `, the first after ${Math.round(ttft_ms)} ms`;
  return [
    `${isFallback ? `${model} → ` : ""}${served_model} → ${provider}/${upstream}`,
    usage.total === null ? "tokens unknown" : `${usage.prompt ?? "?"} + ${usage.completion ?? "?"} tokens`,
    cost_usd === null ? "cost unknown" : cost_usd === 0 ? "free" : `$${cost_usd.toFixed(6)}`,
    `${Math.round(duration_ms)} ms${first}`,
  ].join(" · ");
}
