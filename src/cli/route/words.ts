import { err, ok, type Result } from "../../core/result.ts";
import { type EpochMs, parseCount } from "../../core/units.ts";
import type { Mistake } from "../../simulate/explain/read.ts";
import type { Words } from "../form.ts";

/** The question that the words make, as `POST /admin/api/explain` takes it; its fields are checked there. */
export function bodyOf(words: Words): Result<Readonly<Record<string, unknown>>, string> {
  const fail: Record<string, string[]> = Object.create(null);
  for (const word of words.values("fail")) {
    const [, provider, kind, rest = ""] = /^([^=]+)=([a-z_]+)(.*)$/s.exec(word) ?? [];
    if (provider === undefined || kind === undefined)
      return err(`--fail has to be PROVIDER=KIND, as in openai=server:2, and not ${JSON.stringify(word)}.`);
    // Without a count it is all attempts from there on, also behind another one.
    const faults = fail[provider] ?? [];
    fail[provider] = [...faults, `${kind}${rest.startsWith(":") ? rest : `:*${rest}`}`];
  }
  return ok({
    model: words.operands[0] ?? null,
    key: words.value("key") ?? null,
    user: words.value("user") ?? null,
    tokens: numberIn(words.value("tokens")),
    max_tokens: numberIn(words.value("max-tokens")),
    stream: words.has("stream"),
    endpoint: words.value("endpoint") ?? null,
    seed: numberIn(words.value("seed")),
    fail,
  });
}

/** `1200`, `200k`; what is no number stays what it is, to be refused as the field that it is. */
function numberIn(text: string | undefined): number | string | null {
  if (text === undefined) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const count = parseCount(text);
  return count.ok ? count.value : text;
}

/** The mistake in the terms of a command line. */
export function sayWord({ param, wants }: Mistake): string {
  const [field = "", ...rest] = param.split(".");
  const word = field === "model" ? "MODEL" : `--${field.replaceAll("_", "-")}`;
  const which = rest.length === 0 ? "" : ` ${rest.join(".")}=…`;
  return `${word}${which} has to be ${wants}${wants.endsWith("?") ? "" : "."}`;
}

/** `2026-01-31` or `2026-01-31T08:00:00Z`. */
export function momentIn(text: string): Result<EpochMs, string> {
  const isWhole = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const moment = Date.parse(text.includes("T") ? text : `${text}T00:00:00Z`);
  return isWhole && !Number.isNaN(moment)
    ? ok(moment)
    : err(`--at has to be a moment such as 2026-01-31T08:00:00Z, and not ${JSON.stringify(text)}.`);
}
