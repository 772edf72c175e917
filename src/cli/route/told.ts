import { isRecord } from "../../core/record.ts";
import type { ExplainedStep, Explanation } from "../../simulate/explain.ts";

/** An explanation that a gateway told; null where it is none. What a newer one adds is left out. */
export function explanationIn(body: unknown): Explanation | null {
  if (!isRecord(body) || !Array.isArray(body["steps"])) return null;
  const { status, attempts, sent, warnings } = body;
  if (typeof status !== "number" || typeof attempts !== "number") return null;
  const steps = body["steps"].flatMap((step) => stepIn(step) ?? []);
  if (steps.length !== body["steps"].length) return null;
  return {
    status,
    code: textIn(body["code"]),
    provider: textIn(body["provider"]),
    model: textIn(body["model"]),
    upstream: textIn(body["upstream"]),
    fallback_from: textIn(body["fallback_from"]),
    attempts,
    cost_usd: numberIn(body["cost_usd"]),
    sent:
      isRecord(sent) && isRecord(sent["body"])
        ? { url: textIn(sent["url"]) ?? "", body: sent["body"] }
        : null,
    warnings: Array.isArray(warnings) ? warnings.flatMap((warning) => textIn(warning) ?? []) : [],
    steps,
  };
}

function stepIn(step: unknown): ExplainedStep | null {
  if (!isRecord(step) || typeof step["text"] !== "string") return null;
  return {
    text: step["text"],
    file: textIn(step["file"]),
    line: numberIn(step["line"]),
    column: numberIn(step["column"]),
  };
}

const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);
