/** Why a fallback is asked; `any` for every other reason. */
export type FallbackCause = "any" | "context_window" | "content_policy";
export const fallbackCauses: readonly FallbackCause[] = ["any", "context_window", "content_policy"];
