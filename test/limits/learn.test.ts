import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { Lessons, type Observation } from "../../src/limits/learn.ts";

setDefaultTimeout(20_000);

const seen = (more: Partial<Observation>): Observation => ({
  textBytes: 4_000,
  maxTokens: null,
  n: 1,
  promptTokens: 1_000,
  completionTokens: 256,
  ...more,
});

function after(observation: Partial<Observation>, times: number): Lessons {
  const lessons = new Lessons();
  for (let index = 0; index < times; index++) lessons.observe("p/m", seen(observation));
  return lessons;
}

describe("what is learned of an upstream model", () => {
  test("begins at a quarter and 256", () => {
    expect(new Lessons().tokensPerByte("p/m")).toBe(0.25);
    expect(new Lessons().meanAnswer("p/m")).toBe(256);
  });

  test.each([
    { name: "denser text", observation: { promptTokens: 2_000 }, ratio: 0.5, mean: 256 },
    { name: "longer answers", observation: { completionTokens: 900 }, ratio: 0.25, mean: 900 },
    { name: "several answers at once", observation: { completionTokens: 900, n: 3 }, ratio: 0.25, mean: 300 },
    { name: "no usage", observation: { promptTokens: null, completionTokens: null }, ratio: 0.25, mean: 256 },
    {
      name: "answers cut by their bound",
      observation: { completionTokens: 16, maxTokens: 16 },
      ratio: 0.25,
      mean: 256,
    },
    { name: "images", observation: { textBytes: 100, promptTokens: 90_000 }, ratio: 1, mean: 256 },
    { name: "no text", observation: { textBytes: 0, promptTokens: 700 }, ratio: 0.25, mean: 256 },
  ])("settles: $name", ({ observation, ratio, mean }) => {
    const lessons = after(observation, 300);
    expect(lessons.tokensPerByte("p/m")).toBeCloseTo(ratio, 2);
    expect(lessons.meanAnswer("p/m")).toBeCloseTo(mean, 2);
  });

  test("a short prompt moves it less than a long one", () => {
    const short = after({ textBytes: 10, promptTokens: 9 }, 1).tokensPerByte("p/m");
    const long = after({ textBytes: 10_000, promptTokens: 9_000 }, 1).tokensPerByte("p/m");
    expect(short).toBeLessThan(0.26);
    expect(long).toBeGreaterThan(0.6);
  });

  test("stays sane whatever providers report", () => {
    const figure = fc.oneof(fc.constant(null), fc.nat(1e9), fc.double({ noNaN: false }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1e7), figure, figure), { maxLength: 60 }), (answers) => {
        const lessons = new Lessons();
        for (const [textBytes, promptTokens, completionTokens] of answers) {
          lessons.observe("p/m", seen({ textBytes, promptTokens, completionTokens }));
        }
        expect(lessons.tokensPerByte("p/m")).toBeWithin(1 / 16, 1.000001);
        expect(lessons.meanAnswer("p/m")).toBeWithin(1, 32_769);
      }),
      { seed: 5 },
    );
  });

  test("survives a checkpoint, in plain JSON, and refuses what cannot be one", () => {
    const lessons = after({ promptTokens: 2_000, completionTokens: 90 }, 10);
    const restored = new Lessons();
    restored.restore(JSON.parse(JSON.stringify(lessons.saved())));
    expect(restored.saved()).toEqual(lessons.saved());
    restored.restore([{ upstream: "bad", tokens: 1, bytes: 0, meanAnswer: 5 }]);
    expect(restored.tokensPerByte("bad")).toBe(0.25);
  });

  test("remembers a thousand models, the latest ones", () => {
    const lessons = new Lessons();
    for (let index = 0; index < 1_200; index++) lessons.observe(`m${index}`, seen({ completionTokens: 900 }));
    expect(lessons.saved()).toHaveLength(1_000);
    expect(lessons.meanAnswer("m0")).toBe(256);
    expect(lessons.meanAnswer("m1199")).toBeGreaterThan(256);
  });
});
