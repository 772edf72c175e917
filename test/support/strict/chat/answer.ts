import { type Asked, type Call, inPieces, type Turn, tokens } from "../turn.ts";

/** How servers of OpenAI's format differ in what they answer. */
export interface Manner {
  readonly id: string;
  /** The id of a call, of an answer counted by the mock. */
  readonly callId: (answer: number, at: number) => string;
  /** What a message or a delta bears of thinking and text. */
  readonly said: (reasoning: string | null, text: string | null) => object;
  /** What every message has besides. */
  readonly message: object;
  /** What every choice has besides. */
  readonly choice: object;
  /** What the call has besides in a whole answer. */
  readonly call: (at: number) => object;
  /** One call as a stream tells it. */
  readonly pieces: (call: Call, id: string, at: number) => readonly object[];
  /** Whether usage comes with the chunk that finishes, or in one of its own where it was asked for. */
  readonly usage: "with the finish" | "by itself";
}

const usage = {
  prompt_tokens: tokens.prompt,
  completion_tokens: tokens.completion,
  total_tokens: tokens.prompt + tokens.completion,
};

const finishOf = ({ calls = [] }: Turn): string => (calls.length > 0 ? "tool_calls" : "stop");
const head = (manner: Manner, { model }: Asked, object: string) => ({
  id: manner.id,
  object,
  created: 1_700_000_000,
  model,
});

/** A whole answer. */
export function wholeAnswer(manner: Manner, turn: Turn, asked: Asked, answer: number): object {
  const { calls = [], text = null, reasoning = null } = turn;
  const called = calls.map((call, at) => ({
    id: manner.callId(answer, at),
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    ...manner.call(at),
  }));
  const message = {
    role: "assistant",
    ...manner.said(asked.thinking ? reasoning : null, text),
    ...manner.message,
    ...(called.length === 0 ? {} : { tool_calls: called }),
  };
  const choices = [{ index: 0, message, ...manner.choice, finish_reason: finishOf(turn) }];
  return { ...head(manner, asked, "chat.completion"), choices, usage };
}

/** The events of a streamed answer, as text. */
export function streamedAnswer(
  manner: Manner,
  turn: Turn,
  asked: Asked,
  { answer, includeUsage }: { readonly answer: number; readonly includeUsage: boolean },
): string {
  const { calls = [], text = "", reasoning = "" } = turn;
  const deltas = [
    { role: "assistant", content: "" },
    ...inPieces(asked.thinking ? reasoning : "").map((piece) => manner.said(piece, null)),
    ...inPieces(text).map((piece) => manner.said(null, piece)),
    ...calls
      .flatMap((call, at) => manner.pieces(call, manner.callId(answer, at), at))
      .map((call) => ({ tool_calls: [call] })),
  ];
  const chunk = (choices: readonly object[], more: object = {}) =>
    `data: ${JSON.stringify({ ...head(manner, asked, "chat.completion.chunk"), choices, ...more })}\n\n`;
  const choice = (delta: object, finish: string | null) => ({
    index: 0,
    delta,
    ...manner.choice,
    finish_reason: finish,
  });
  const joined = manner.usage === "with the finish";
  return [
    ...deltas.map((delta) => chunk([choice(delta, null)])),
    chunk([choice(joined ? { content: "" } : {}, finishOf(turn))], joined ? { usage } : {}),
    ...(joined || !includeUsage ? [] : [chunk([], { usage })]),
    "data: [DONE]\n\n",
  ].join("");
}
