import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { around, spread } from "../../../src/admin/routes/column.ts";
import { edgesOf, reachOf } from "../../../src/admin/routes/edges.ts";
import { type Box, layoutOf, leastWidth } from "../../../src/admin/routes/layout.ts";
import { shownOf } from "../../../src/admin/routes/shown.ts";
import { boardOf } from "./file.ts";

setDefaultTimeout(20_000);

const all = { text: "", troubled: false, all: true };
const providers = "providers: { openai: { kind: simulated }, azure: { kind: simulated } }";
const small = boardOf(`${providers}
models:
  chat:
    targets: [openai/gpt-4o, azure/gpt-4o]
    fallbacks: { any: [small, last], context_window: [long], content_policy: [last] }
  small: { targets: [azure/mini] }
  long: { targets: [openai/long] }
  last: { targets: [azure/mini] }
  split:
    strategy: weighted
    targets: [{ provider: openai, model: mini, weight: 3 }, { provider: azure, model: mini }]
aliases: { gpt-4: chat, cheap: small }
auto: { models: [chat, small] }
`);
const many = boardOf(`${providers}
models:
${Array.from({ length: 100 }, (_, n) => `  m${n}: { targets: [openai/x${n % 9}, azure/y${n % 31}]${n < 90 ? `, fallbacks: [m${n + 7 + (n % 3)}]` : ""} }`).join("\n")}
aliases: { ${Array.from({ length: 60 }, (_, n) => `a${n}: m${n % 4}`).join(", ")} }
`);

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe.each([
  ["a small file", small],
  ["a hundred models", many],
])("the graph of %s", (_, board) => {
  test.each([400, 900, 1_336])("has no boxes on top of each other, all inside, at %d px", (width) => {
    const layout = layoutOf(board, shownOf(board, all), width);
    const boxes = [...layout.names, ...layout.models, ...layout.providers, ...layout.targets];
    expect(layout.width).toBe(Math.max(width, leastWidth));
    expect(new Set(boxes.map(({ id }) => id)).size).toBe(boxes.length);
    expect(boxes.filter((a, at) => boxes.slice(at + 1).some((b) => overlap(a, b)))).toEqual([]);
    const isOut = ({ x, y, width: w, height: h }: Box) =>
      x < 0 || y < 0 || x + w > layout.width || y + h > layout.height;
    expect(boxes.filter(isOut)).toEqual([]);
  });

  test("joins only what is drawn", () => {
    const layout = layoutOf(board, shownOf(board, all), 1_000);
    const ids = new Set([...layout.names, ...layout.models, ...layout.targets].map(({ id }) => id));
    const edges = edgesOf(layout);
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
    expect(edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
    expect(edges.filter(({ path }) => path.includes("NaN"))).toEqual([]);
  });
});

test("lines say when a target's turn comes, and why a model falls back", () => {
  const edges = edgesOf(layoutOf(small, shownOf(small, all), 1_000));
  const labels = (from: string) =>
    edges
      .filter((edge) => edge.from === `model ${from}`)
      .map(({ to, kind, label }) => [to, kind, label.text]);
  expect(labels("chat")).toEqual([
    ["target openai/gpt-4o", "target", "1."],
    ["target azure/gpt-4o", "target", "2."],
    ["model small", "any", "any 1."],
    ["model last", "any", "any 2."],
    ["model long", "context_window", "context"],
    ["model last", "content_policy", "content"],
  ]);
  expect(labels("split").map(([, , text]) => text)).toEqual(["75 %", "25 %"]);
  expect(labels("small").map(([, , text]) => text)).toEqual([""]);
});

test("a target that two models reach is drawn once, and lights up both", () => {
  const layout = layoutOf(small, shownOf(small, all), 1_000);
  expect(layout.targets.filter(({ id }) => id === "target azure/mini")).toHaveLength(1);
  const lit = reachOf(edgesOf(layout), "target azure/mini");
  for (const id of ["model small", "model last", "model split", "model chat", "name gpt-4", "name cheap"])
    expect(lit).toContain(id);
  expect(lit).not.toContain("target openai/long");
});

describe("names in a column", () => {
  test("are apart, in order, and where they want to be when there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 900 }), { maxLength: 30 }), (places) => {
        const wanted = places.toSorted((a, b) => a - b);
        const tops = around(wanted, 30);
        expect(tops).toHaveLength(wanted.length);
        for (const [at, top] of tops.entries())
          expect(top).toBeGreaterThanOrEqual(at === 0 ? 0 : (tops[at - 1] ?? 0) + 30 - 1e-6);
        const isFree = wanted.every(
          (want, at) => want >= 0 && (at === 0 || want - (wanted[at - 1] ?? 0) >= 30),
        );
        if (isFree) expect(tops).toEqual(wanted);
      }),
    );
  });

  test("that want the same place stand around it", () => {
    expect(around([100, 100, 100], 30)).toEqual([70, 100, 130]);
    expect(around([0, 0, 200], 30)).toEqual([0, 30, 200]);
  });
});

test("a lower column is spread over the height of the higher one", () => {
  expect(spread([10, 10], 5, 100)).toEqual([25, 65]);
  expect(spread([10, 10], 5, 20)).toEqual([0, 15]);
});
