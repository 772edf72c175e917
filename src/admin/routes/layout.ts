import type { GraphModel, GraphTarget } from "../../routing/graph.ts";
import type { Board } from "./board.ts";
import { around, barycentre, spread, stack } from "./column.ts";
import type { Shown } from "./shown.ts";

/** Something drawn, by its place in px. `id` is unique in the graph. */
export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A name that clients may use: an alias, or `auto`. */
export interface NameBox extends Box {
  readonly name: string;
  readonly to: readonly string[];
}
export interface ModelBox extends Box {
  readonly model: GraphModel;
}
/** A provider's model; drawn once, whoever reaches it. */
export interface TargetBox extends Box {
  readonly provider: string;
  readonly upstream: string;
  readonly target: GraphTarget;
}
/** The heading above a provider's targets. */
export interface ProviderBox extends Box {
  readonly provider: string;
}

/** Everything that is drawn, in px. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly names: readonly NameBox[];
  readonly models: readonly ModelBox[];
  readonly providers: readonly ProviderBox[];
  readonly targets: readonly TargetBox[];
}

const sizes = { name: 26, model: 48, port: 15, target: 46, heading: 24, gap: 12, group: 18 };
/** A graph is not squeezed further than this. */
export const leastWidth = 860;

export const nameId = (name: string): string => `name ${name}`;
export const modelId = (name: string): string => `model ${name}`;
export const targetId = ({ provider, model }: Pick<GraphTarget, "provider" | "model">): string =>
  `target ${provider}/${model}`;

/** Names, models and targets in three columns, each beside what it belongs to. */
export function layoutOf(board: Board, { models }: Shown, given: number): Layout {
  const width = Math.max(leastWidth, given);
  const columns = columnsOf(width);
  const heights = models.map(({ targets }) => Math.max(sizes.model, targets.length * sizes.port));
  const groups = groupsOf(models);
  const targetsHeight = groups.reduce(
    (sum, { targets }) => sum + sizes.heading + targets.length * (sizes.target + sizes.gap) + sizes.group,
    -sizes.group,
  );
  const modelsHeight = stack(heights, sizes.gap).height;
  const height = Math.max(modelsHeight, targetsHeight, sizes.model) + 4;
  const tops = spread(heights, sizes.gap, height);
  const placed = models.map((model, at) => ({
    ...{ id: modelId(model.name), model, ...columns.models },
    ...{ y: tops[at] ?? 0, height: heights[at] ?? 0 },
  }));
  const names = namesOf(board, placed).map((one) => ({ ...one, ...columns.names }));
  const right = targetsIn(groups, columns.targets, (height - targetsHeight) / 2);
  const lowest = Math.max(height, ...names.map((box) => box.y + box.height));
  return { width, height: lowest, names, models: placed, ...right };
}

const columnsOf = (width: number) => {
  const [names, models, targets] = [0.15, 0.23, 0.29].map((share) => Math.round(width * share));
  const gutter = Math.round(width * 0.14);
  const [first = 0, second = 0, third = 0] = [names, models, targets];
  return {
    names: { x: 2, width: first - 2 },
    models: { x: first + gutter, width: second },
    targets: { x: width - third - 2, width: third },
  };
};

interface Group {
  readonly provider: string;
  readonly targets: readonly GraphTarget[];
}

/** Targets by provider, each near the models that reach it. */
function groupsOf(models: readonly GraphModel[]): readonly Group[] {
  const uses = new Map<string, { readonly target: GraphTarget; readonly at: number[] }>();
  for (const [at, { targets }] of models.entries())
    for (const target of targets) {
      const use = uses.get(targetId(target)) ?? { target, at: [] };
      use.at.push(at);
      uses.set(targetId(target), use);
    }
  const ordered = barycentre([...uses.values()], ({ at }) => at);
  const providers = Map.groupBy(ordered, ({ target }) => target.provider);
  return barycentre([...providers], ([, all]) => all.flatMap(({ at }) => at)).map(([provider, all]) => ({
    provider,
    targets: all.map(({ target }) => target),
  }));
}

function targetsIn(
  groups: readonly Group[],
  column: Pick<Box, "x" | "width">,
  top: number,
): Pick<Layout, "providers" | "targets"> {
  const providers: ProviderBox[] = [];
  const targets: TargetBox[] = [];
  let y = Math.max(0, top);
  for (const group of groups) {
    const { provider } = group;
    providers.push({ id: `provider ${provider}`, provider, ...column, y, height: sizes.heading });
    y += sizes.heading;
    for (const target of group.targets) {
      const box = { id: targetId(target), ...column, y, height: sizes.target };
      targets.push({ ...box, provider, upstream: target.model, target });
      y += sizes.target + sizes.gap;
    }
    y += sizes.group;
  }
  return { providers, targets };
}

/** Each name beside the models that it means, none on top of another. */
function namesOf({ aliases, auto }: Board, models: readonly ModelBox[]): readonly NameBox[] {
  const middles = new Map(models.map(({ model, y, height }) => [model.name, y + height / 2]));
  const all = [
    ...aliases.map(({ name, to }) => ({ name, to: [to] })),
    ...(auto === null ? [] : [{ name: "auto", to: auto.models }]),
  ];
  const drawn = all.flatMap(({ name, to }) => {
    const at = to.flatMap((model) => middles.get(model) ?? []);
    return at.length === 0 ? [] : [{ name, to, at }];
  });
  const ordered = barycentre(drawn, ({ at }) => at);
  const wanted = ordered.map(({ at }) => at.reduce((sum, y) => sum + y, 0) / at.length - sizes.name / 2);
  const tops = around(wanted, sizes.name + 6);
  return ordered.map(({ name, to }, at) => ({
    ...{ id: nameId(name), name, to, x: 0, width: 0, y: tops[at] ?? 0, height: sizes.name },
  }));
}
