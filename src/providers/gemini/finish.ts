import { type Failure, type FailureKind, failure } from "../../domain/failure.ts";
import { boundedSentence } from "../../openai/error.ts";
import type { FinishReason } from "../finish_reason.ts";

/** What a finish reason means for an answer, and for one that has nothing in it: such an answer is none. */
interface Ending {
  readonly finish: FinishReason;
  readonly empty: FailureKind | null;
}

const stopped: Ending = { finish: "stop", empty: null };
const blocked: Ending = { finish: "content_filter", empty: "content_policy" };
const broken: Ending = { finish: "content_filter", empty: "server" };
const misspoken: Ending = { finish: "stop", empty: "malformed" };

/** Every reason there is. https://ai.google.dev/api/generate-content#FinishReason */
const endings: Readonly<Record<string, Ending>> = {
  STOP: stopped,
  MAX_TOKENS: { finish: "length", empty: null },
  SAFETY: blocked,
  RECITATION: blocked,
  LANGUAGE: blocked,
  BLOCKLIST: blocked,
  PROHIBITED_CONTENT: blocked,
  SPII: blocked,
  MODEL_ARMOR: blocked,
  IMAGE_SAFETY: blocked,
  IMAGE_PROHIBITED_CONTENT: blocked,
  IMAGE_RECITATION: blocked,
  IMAGE_OTHER: broken,
  NO_IMAGE: broken,
  OTHER: broken,
  MALFORMED_RESPONSE: misspoken,
  MALFORMED_FUNCTION_CALL: misspoken,
  UNEXPECTED_TOOL_CALL: misspoken,
  TOO_MANY_TOOL_CALLS: misspoken,
  MISSING_THOUGHT_SIGNATURE: misspoken,
};

const endingOf = (reason: string): Ending =>
  (Object.hasOwn(endings, reason) ? endings[reason] : undefined) ?? { finish: "stop", empty: "server" };

/** Whether a reason is given at all: proto has a name for none. */
export const isReason = (said: unknown): said is string =>
  typeof said === "string" && said !== "" && !said.endsWith("_UNSPECIFIED");

/** A reason in OpenAI's words. Gemini stops also in order to call. */
export function finishOf(reason: string, hasCalls: boolean): FinishReason {
  const { finish } = endingOf(reason);
  return finish === "stop" && hasCalls ? "tool_calls" : finish;
}

/** The failure that an answer without anything in it is, by its reason; null when it may be empty. */
export function emptyFailure(reason: string, explained: unknown): Failure | null {
  const { empty } = endingOf(reason);
  if (empty === null) return null;
  return failure(
    empty,
    `the model ended its answer with ${shown(reason)}, before it said anything${because(explained)}`,
    {
      code: empty === "content_policy" ? "content_filter" : shown(reason),
    },
  );
}

/** The failure that a refused prompt is. https://ai.google.dev/api/generate-content#PromptFeedback */
export const blockedPrompt = (reason: string, explained: unknown): Failure =>
  failure("content_policy", `the prompt was blocked: ${shown(reason)}${because(explained)}`, {
    code: "content_filter",
  });

const because = (explained: unknown): string =>
  typeof explained === "string" && explained !== "" ? ` (${boundedSentence(explained)})` : "";

const shown = (reason: string): string => (/^\w{1,60}$/.test(reason) ? reason : "an unknown reason");
