import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { err, ok, type Result } from "../../core/result.ts";
import { type Diagnostic, diagnostic } from "../diagnostic.ts";
import { type SpotAt, toTree } from "../to_tree.ts";
import { type Entry, type Tree, topOf } from "../tree.ts";

/** A file of another gateway. */
export interface ForeignTree {
  readonly tree: Tree;
  /** Keys that stand here again further down, where they count. */
  readonly again: readonly Entry[];
  /** Merge keys and aliases: what they stand for is part of the tree. */
  readonly followed: readonly Entry[];
}

/** Reads YAML as the gateways do that are imported from: merge keys are followed, and of a key that stands twice the last counts. */
export function readTree(file: string, text: string): Result<ForeignTree, readonly Diagnostic[]> {
  const lines = new LineCounter();
  const options = { lineCounter: lines, merge: false, uniqueKeys: false, prettyErrors: false };
  const document = parseDocument(text, options);
  const spotAt: SpotAt = (from, to, path) => {
    const start = lines.linePos(from);
    const end = lines.linePos(Math.max(from, to));
    return { file, path, line: start.line, column: start.col, end_line: end.line, end_column: end.col };
  };
  const [problem] = document.errors;
  if (problem !== undefined) {
    const message = `This is not YAML: ${problem.code.toLowerCase().replaceAll("_", " ")}.`;
    return err([diagnostic("yaml_syntax", spotAt(problem.pos[0], problem.pos[1], ""), message)]);
  }
  const { contents } = document;
  if (!isMap(contents)) return err([diagnostic("wrong_type", topOf(file), "The file holds no mapping.")]);
  const { doubles, followed } = settle(contents, (alias) => alias.resolve(document));
  const { tree, problems } = toTree(contents, spotAt);
  const places = (nodes: readonly Node[]) => nodes.map((node) => placeOf(node, spotAt));
  return problems.length === 0
    ? ok({ tree, again: places(doubles), followed: places(followed) })
    : err(problems);
}

/** Of a key that is not part of the tree: under a path that no other place has. */
function placeOf(node: Node, spotAt: SpotAt): Entry {
  const [from = 0, to = 0] = node.range ?? [];
  const key = isScalar(node) ? String(node.value) : "<<";
  const at = spotAt(from, to, `/${key}`);
  return { key, keyAt: at, value: { kind: "scalar", at, value: null } };
}

/** Follows every merge key and drops every key that stands again, in place; tells which those were. */
function settle(
  contents: YAMLMap,
  follow: (alias: Alias) => unknown,
): { readonly doubles: Node[]; readonly followed: Node[] } {
  const done = new Set<YAMLMap>();
  const [doubles, followed]: [Node[], Node[]] = [[], []];
  const resolve = (value: unknown): unknown => (isAlias(value) ? follow(value) : value);
  const visit = (value: unknown): void => {
    if (isSeq(value)) {
      followed.push(...value.items.filter(isAlias));
      value.items.forEach(visit);
    }
    if (!isMap(value) || done.has(value)) return;
    done.add(value);
    for (const pair of value.items) visit(pair.value);
    followed.push(...value.items.filter(isMerge).flatMap(({ key }) => (isScalar(key) ? [key] : [])));
    value.items = lastOfEach(merged(value, resolve, visit), doubles);
  };
  visit(contents);
  return { doubles, followed };
}

const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : "");
const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.value === "<<" && key.type === "PLAIN";

/** The pairs of a mapping, and behind them those of what it merges that it does not say itself. */
function merged(
  map: YAMLMap,
  resolve: (value: unknown) => unknown,
  settle: (value: unknown) => void,
): Pair[] {
  const own = map.items.filter((pair) => !isMerge(pair));
  const names = new Set(own.map(nameOf));
  for (const { value } of map.items.filter(isMerge)) {
    const held = resolve(value);
    for (const source of isSeq(held) ? held.items.map(resolve) : [held]) {
      settle(source);
      if (!isMap(source)) continue;
      for (const pair of source.items) {
        if (names.has(nameOf(pair))) continue;
        names.add(nameOf(pair));
        own.push(pair);
      }
    }
  }
  return own;
}

function lastOfEach(pairs: readonly Pair[], doubles: Node[]): Pair[] {
  return pairs.filter((pair, index) => {
    const isAgain = pairs.slice(index + 1).some((later) => nameOf(later) === nameOf(pair));
    if (isAgain && isScalar(pair.key)) doubles.push(pair.key);
    return !isAgain;
  });
}
