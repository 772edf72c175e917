import type { Adjust } from "../compatible/differences.ts";

/**
 * Says nothing about tools where there are none: OpenAI answers 400 to a `parallel_tool_calls` that has no tools beside it, and
 * a default of the file need not know which requests have. Servers that put a vendor before the name are left to judge.
 */
export const withoutIdleTools: Adjust = (body, { model }) => {
  if (model.includes("/") || isSome(body.get("tools")) || isSome(body.get("functions"))) return null;
  body.delete("parallel_tool_calls");
  const choice = body.get("tool_choice");
  if (choice === "auto" || choice === "none") body.delete("tool_choice");
  return null;
};

const isSome = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
