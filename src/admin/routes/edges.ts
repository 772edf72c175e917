import type { Strategy } from "../../domain/snapshot.ts";
import type { GraphTarget } from "../../routing/graph.ts";
import { type Box, type Layout, type ModelBox, modelId, targetId } from "./layout.ts";
import { type Cause, causes } from "./shown.ts";

/** A line between two boxes, as the data of an SVG path. */
export interface Edge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: "name" | "target" | Cause;
  readonly path: string;
  /** A word at the line; empty: none. */
  readonly label: { readonly text: string; readonly x: number; readonly y: number };
  readonly isOff: boolean;
}

/** Every line of a graph: what names mean, where models go, and what they fall back to. */
export function edgesOf(layout: Layout): readonly Edge[] {
  const models = new Map(layout.models.map((box) => [box.model.name, box]));
  const targets = new Map(layout.targets.map((box) => [box.id, box]));
  const names = layout.names.flatMap((box) =>
    box.to.flatMap((name) => {
      const model = models.get(name);
      return model === undefined ? [] : [nameEdge(box, model)];
    }),
  );
  const ways = layout.models.flatMap((box) =>
    box.model.targets.flatMap((target, at) => {
      const to = targets.get(targetId(target));
      return to === undefined ? [] : [targetEdge(box, to, target, at)];
    }),
  );
  return [...names, ...ways, ...layout.models.flatMap((box) => fallbackEdges(box, models))];
}

function nameEdge(from: Box, to: ModelBox): Edge {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + 12];
  return {
    ...{ id: `${from.id} ${to.id}`, from: from.id, to: to.id, kind: "name", isOff: false },
    path: across(x1, y1, x2, y2),
    label: { text: "", x: 0, y: 0 },
  };
}

function targetEdge(from: ModelBox, to: Box, target: GraphTarget, at: number): Edge {
  const { targets, strategy } = from.model;
  const y1 = from.y + (from.height * (at + 1)) / (targets.length + 1);
  const [x1, x2, y2] = [from.x + from.width, to.x, to.y + to.height / 2];
  return {
    ...{ id: `${from.id} ${at}`, from: from.id, to: to.id, kind: "target", isOff: !target.enabled },
    path: across(x1, y1, x2, y2),
    label: { text: turnOf(strategy, target, at, targets.length), x: x1 + 6, y: y1 - 3 },
  };
}

/** When a target's turn comes: its share of the traffic, or its place in the order; nothing where that is not fixed. */
function turnOf(strategy: Strategy, { share }: GraphTarget, at: number, of: number): string {
  if (of === 1) return "";
  if (strategy === "weighted") return share === null ? "" : `${Math.round(share * 100)} %`;
  return strategy === "priority" ? `${at + 1}.` : "";
}

function fallbackEdges(from: ModelBox, models: ReadonlyMap<string, ModelBox>): readonly Edge[] {
  const all = causes.flatMap((cause) =>
    from.model.fallbacks[cause].map((name, nth, list) => ({ cause, name, nth, of: list.length })),
  );
  return all.flatMap(({ cause, name, nth, of }, at) => {
    const to = models.get(name);
    if (to === undefined) return [];
    const y1 = from.y + from.height * (0.45 + (0.5 * (at + 1)) / (all.length + 1));
    const y2 = to.y + to.height * 0.45;
    const deep = Math.min(from.x * 0.42, 34 + Math.abs(y2 - y1) * 0.13 + at * 9);
    const x = from.x - 1;
    return [
      {
        ...{ id: `${from.id} ${cause} ${name}`, from: from.id, to: modelId(name), kind: cause, isOff: false },
        path: `M${x} ${y1}C${x - deep} ${y1} ${x - deep} ${y2} ${x} ${y2}`,
        label: {
          text: of === 1 ? says[cause] : `${says[cause]} ${nth + 1}.`,
          ...{ x: x - deep * 0.75, y: (y1 + y2) / 2 + 3 },
        },
      },
    ];
  });
}

const says: Readonly<Record<Cause, string>> = {
  any: "any",
  context_window: "context",
  content_policy: "content",
};

/** From left to right, level at both ends. */
function across(x1: number, y1: number, x2: number, y2: number): string {
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** What is connected to a box, over any number of lines in their direction, and what leads to it. */
export function reachOf(edges: readonly Edge[], id: string): ReadonlySet<string> {
  const lit = new Set<string>([id]);
  const walk = (start: string, along: (edge: Edge) => readonly [string, string]): void => {
    const seen = new Set([start]);
    for (const box of seen)
      for (const edge of edges) {
        const [here, next] = along(edge);
        if (here !== box) continue;
        seen.add(next);
        lit.add(edge.id).add(next);
      }
  };
  walk(id, ({ from, to }) => [from, to]);
  if (!id.startsWith("name ")) walk(id, ({ from, to }) => [to, from]);
  return lit;
}
