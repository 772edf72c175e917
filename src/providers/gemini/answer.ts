import { isRecord } from "../../core/record.ts";
import type { Decoded, UpstreamRequest } from "../../domain/adapter.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import { type ComposedChoice, composeAnswer, type Head, headOf } from "../compose.ts";
import type { Fields } from "../fields.ts";
import { fingerprint } from "../fingerprint.ts";
import { callsOf, candidatesIn, extrasOf, indexOf, isSilent, logprobsIn, saidIn } from "./candidate.ts";
import { annotationsOf } from "./citations.ts";
import { errorIn } from "./errors.ts";
import { blockedPrompt, emptyFailure, finishOf, isReason } from "./finish.ts";
import { joined } from "./join.ts";
import { usageOf } from "./usage.ts";

/** Reads a whole answer of `generateContent`; a list of pieces is read as the answer that they make. */
export function decodeChat(said: unknown, request: UpstreamRequest): Decoded {
  const body = Array.isArray(said) ? joined(said) : said;
  if (!isRecord(body)) return failed(failure("malformed", "the answer is no JSON object"));
  const error = errorIn(body);
  if (error !== null) return failed(error);
  const candidates = candidatesIn(body);
  if (candidates.length === 0)
    return failed(refusalIn(body) ?? failure("malformed", "the answer has no candidates"));
  const broken = brokenAnswer(candidates);
  if (broken !== null) return failed(broken);

  const head = headIn(body, request);
  const choices = candidates
    .toSorted((a, b) => indexOf(a, 0) - indexOf(b, 0))
    .map((candidate, position) => choiceOf(candidate, position, head));
  const usage = usageOf(body["usageMetadata"], true);
  return { ok: true, body: composeAnswer(head, choices, usage), usage, model: modelIn(body) };
}

/** The failure of an answer that says nothing, in none of its candidates; null for any other. */
function brokenAnswer(candidates: readonly Fields[]): Failure | null {
  if (!candidates.every((candidate) => isSilent(saidIn(candidate)))) return null;
  const failures = candidates.map(({ finishReason: reason, finishMessage: why }) =>
    isReason(reason)
      ? emptyFailure(reason, why)
      : failure("malformed", "a candidate of the answer has neither content nor a finish reason"),
  );
  return failures.every((each) => each !== null) ? (failures[0] ?? null) : null;
}

/** Why a prompt got no answer, where Gemini refused it; null where it did not. */
export function refusalIn({ promptFeedback: feedback }: Fields): Failure | null {
  const { blockReason, blockReasonMessage } = isRecord(feedback) ? feedback : {};
  return isReason(blockReason) ? blockedPrompt(blockReason, blockReasonMessage) : null;
}

/** What an answer and its chunks bear alike. Without an id one is made of the moment and `body`. */
export function headIn(body: Fields, request: UpstreamRequest): Head {
  const { responseId: id } = body;
  const made = () => `chatcmpl-${fingerprint(`${request.at} ${JSON.stringify(body)}`)}`;
  return headOf(request, typeof id === "string" && id !== "" ? id : made(), modelIn(body) ?? request.model);
}

const modelIn = ({ modelVersion: model }: Fields): string | null =>
  typeof model === "string" && model !== "" ? model : null;

function choiceOf(candidate: Fields, position: number, head: Head): ComposedChoice {
  const said = saidIn(candidate);
  const { finishReason: reason } = candidate;
  const calls = callsOf(said.calls, head.id, position, 0);
  const annotations = annotationsOf(candidate, said.content);
  const hasCalls = calls.length > 0;
  return {
    finish: finishOf(isReason(reason) ? reason : "STOP", hasCalls),
    message: {
      content:
        said.content === "" && (hasCalls || said.images.length > 0 || said.audio !== null)
          ? null
          : said.content,
      ...extrasOf(said, head.id),
      ...(hasCalls ? { tool_calls: calls } : {}),
      ...(annotations.length === 0 ? {} : { annotations }),
    },
    logprobs: logprobsIn(candidate),
  };
}

const failed = (why: Failure): Decoded => ({ ok: false, failure: why });
