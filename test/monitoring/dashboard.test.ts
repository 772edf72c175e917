import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../../src/core/record.ts";
import { type Running, startGateway } from "../support/gateway.ts";

const text = readFileSync(join(import.meta.dir, "..", "..", ".github", "monitoring", "grafana.json"), "utf8");
const dashboard: unknown = JSON.parse(text);

let gateway: Running;
/** What a scrape has: the names of series, and the labels that each bears. */
const series = new Map<string, Set<string>>();
beforeAll(async () => {
  gateway = await startGateway(`
providers: { p: { kind: simulated, limits: { rpm: 10 }, models: { x: { price: { input: 1, output: 2 } } } } }
models: { m: { targets: [p/x] } }
`);
  await gateway.client().chat.completions.create({ model: "m", messages: [{ role: "user", content: "hi" }] });
  const scrape = await fetch(`${gateway.url}/metrics`, { headers: { accept: "text/plain" } });
  for (const [, name = "", labels = ""] of (await scrape.text()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(name) ?? new Set(["instance", "job"]);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    series.set(name, known);
  }
});
afterAll(() => gateway.stop());

/** Every query of the dashboard. */
function expressionsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (!isRecord(value)) return [];
  const own = typeof value["expr"] === "string" ? [value["expr"]] : [];
  return [...own, ...Object.values(value).flatMap(expressionsIn)];
}

test("the dashboard asks only for series that a gateway has", () => {
  const asked = expressionsIn(dashboard).flatMap((expression) => expression.match(/switchyard_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(15);
  expect([...new Set(asked)].filter((name) => !series.has(name))).toEqual([]);
});

test("the dashboard selects and groups only by labels that its series bear", () => {
  for (const expression of expressionsIn(dashboard)) {
    const names = expression.match(/switchyard_\w+/g) ?? [];
    const borne = new Set(names.flatMap((name) => [...(series.get(name) ?? [])]));
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
      list.split(/,\s*/),
    );
    const selected = [...expression.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label = ""]) => label);
    expect([expression, [...grouped, ...selected].filter((label) => !borne.has(label))]).toEqual([
      expression,
      [],
    ]);
  }
});

test("every panel says what it shows, and lies on a place of its own", () => {
  const panels = isRecord(dashboard) && Array.isArray(dashboard["panels"]) ? dashboard["panels"] : [];
  const taken = new Set<string>();
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    expect(x + w).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        expect([panel.title, taken.has(`${column} ${line}`)]).toEqual([panel.title, false]);
        taken.add(`${column} ${line}`);
      }
    }
    if (panel.type !== "row") expect(panel.description).toEqual(expect.stringMatching(/\.$/));
  }
});
