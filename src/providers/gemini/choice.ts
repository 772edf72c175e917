import type { Fields } from "../fields.ts";
import { callsOf, extrasOf, isSilent, saidIn } from "./candidate.ts";
import { annotationsOf } from "./citations.ts";
import { isReason } from "./finish.ts";

/** What one choice of a stream has to be remembered for. */
export interface ChoiceMemory {
  /** All its text: citations count from its beginning, and come at its end. */
  readonly text: string;
  readonly calls: number;
  readonly isSilent: boolean;
  readonly hasEnded: boolean;
  /** The citations that went out. */
  readonly cited: ReadonlySet<string>;
}

/** A choice with what one event adds to it. */
export interface Heard {
  readonly after: ChoiceMemory;
  readonly delta: Fields;
  /** Why it ends; null while it goes on. */
  readonly reason: string | null;
}

const unheard: ChoiceMemory = { text: "", calls: 0, isSilent: true, hasEnded: false, cited: new Set() };

/** Reads what an event says of one candidate, after all that came `before`; undefined for nothing. `answer` is the answer's id. */
export function hear(
  candidate: Fields,
  index: number,
  answer: string,
  before: ChoiceMemory = unheard,
): Heard {
  const isFirst = before === unheard;
  const said = saidIn(candidate);
  const { finishReason } = candidate;
  const reason = isReason(finishReason) ? finishReason : null;
  const text = before.text + said.content;
  const calls = callsOf(said.calls, answer, index, before.calls);
  const cited = annotationsOf(candidate, text).map((each) => [JSON.stringify(each), each] as const);
  const annotations = cited.filter(([key]) => !before.cited.has(key));
  const after: ChoiceMemory = {
    text,
    calls: before.calls + calls.length,
    isSilent: before.isSilent && isSilent(said),
    hasEnded: before.hasEnded || reason !== null,
    cited: annotations.length === 0 ? before.cited : new Set([...before.cited, ...cited.map(([key]) => key)]),
  };
  const delta = {
    ...(isFirst ? { role: "assistant" } : {}),
    ...(said.content === "" && !isFirst ? {} : { content: said.content }),
    ...extrasOf(said, answer),
    ...(calls.length === 0 ? {} : { tool_calls: numbered(calls, before.calls) }),
    ...(annotations.length === 0 ? {} : { annotations: annotations.map(([, each]) => each) }),
  };
  return { after, delta, reason };
}

const numbered = (calls: readonly Fields[], from: number): readonly Fields[] =>
  calls.map((call, at) => ({ index: from + at, ...call }));
