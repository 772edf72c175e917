import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { isRecord } from "../../../src/core/record.ts";
import { answer, call, candidate, part, readEvents, readOne } from "./decode.ts";
import { encode } from "./encode.ts";

setDefaultTimeout(20_000);

type Message = Readonly<Record<string, unknown>>;

/** The message that a client has of a stream: texts are appended, calls are taken as they come. */
function joined(deltas: readonly Message[]): Message {
  const calls = deltas.flatMap(({ tool_calls: each }) => (Array.isArray(each) ? each : []));
  const content = deltas
    .map((delta) => (typeof delta["content"] === "string" ? delta["content"] : ""))
    .join("");
  return { ...Object.assign({}, ...deltas), content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

const idsIn = ({ tool_calls: calls }: Message): readonly unknown[] =>
  Array.isArray(calls) ? calls.map((each) => (isRecord(each) ? each["id"] : null)) : [];

/** What Gemini is told of its own answer, with the results of its calls, when the client goes on. */
function toldAgain(message: Message, model: string): readonly unknown[] {
  const results = idsIn(message).map((id) => ({
    role: "tool",
    tool_call_id: id,
    content: `{"of":${JSON.stringify(id)}}`,
  }));
  const messages = [{ role: "user", content: "q" }, message, ...results];
  const { contents } = encode({ messages }, model).body as { readonly contents: readonly unknown[] };
  return contents.slice(1);
}

describe("an answer that goes back to Gemini", () => {
  const parts = [
    part("hm", { thought: true }),
    part("I look it up.", { thoughtSignature: "c0" }),
    { functionCall: { id: "g1", name: "f", args: { city: "Paris" } }, thoughtSignature: "c1" },
    { functionCall: { id: "g2", name: "f", args: { city: "Rome" } } },
  ];

  test("in the middle of parallel calls is what it was, its thoughts left out", () => {
    const whole = readOne(answer([candidate(parts, "STOP")])).message;
    const streamed = readEvents([
      ...parts.map((each) => answer([candidate([each])])),
      answer([candidate([part("")], "STOP")]),
    ]);
    for (const message of [whole, joined(streamed.choices.map(({ delta }) => delta))]) {
      expect(toldAgain(message, "gemini-3-pro-preview")).toEqual([
        { role: "model", parts: parts.slice(1) },
        {
          role: "user",
          parts: ["g1", "g2"].map((id) => ({ functionResponse: { id, name: "f", response: { of: id } } })),
        },
      ]);
    }
  });

  test("is matched by order with models that know no ids", () => {
    const message = readOne(answer([candidate([call("f", { n: 1 }), call("f", { n: 2 })], "STOP")])).message;
    const [first, second] = idsIn(message);
    expect(toldAgain(message, "gemini-2.5-flash")).toEqual([
      { role: "model", parts: [call("f", { n: 1 }), call("f", { n: 2 })] },
      {
        role: "user",
        parts: [first, second].map((of) => ({ functionResponse: { name: "f", response: { of } } })),
      },
    ]);
  });

  test("is what it was, whatever it said", () => {
    const signature = fc.option(fc.base64String({ minLength: 4, maxLength: 12 }), { nil: undefined });
    const signed = (thoughtSignature: string | undefined) =>
      thoughtSignature === undefined ? {} : { thoughtSignature };
    const words = fc
      .tuple(fc.string({ minLength: 1 }), signature)
      .map(([text, seal]) => part(text, signed(seal)));
    const made = fc
      .tuple(
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
        signature,
      )
      .map(([name, args, seal]) => call(name, JSON.parse(JSON.stringify(args)), signed(seal)));
    fc.assert(
      fc.property(words, fc.array(made, { maxLength: 3 }), (text, calls) => {
        const message = readOne(answer([candidate([text, ...calls], "STOP")])).message;
        expect(toldAgain(message, "gemini-2.5-flash")[0]).toEqual({ role: "model", parts: [text, ...calls] });
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
