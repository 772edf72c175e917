import { type Alias, isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { type Diagnostic, type DiagnosticCode, diagnostic } from "./diagnostic.ts";
import { below, type Entry, type Spot, type Tree } from "./tree.ts";

/** Turns offsets into a place. */
export type SpotAt = (from: number, to: number, path: string) => Spot;

type Piece = YAMLMap | YAMLSeq | Scalar | Alias;

/** Tags of the core schema only say what a value is anyway. */
const plainTag = /^(!|tag:yaml\.org,2002:(str|int|float|bool|null|map|seq))$/;
const maxDepth = 100;
/** Far beyond any file that a person writes, far below what would hurt. */
const maxCopies = 20_000;

interface Walk {
  readonly spotAt: SpotAt;
  readonly anchors: Map<string, Piece>;
  /** Anchors whose content is being read: an alias to one of them would never end. */
  readonly open: Set<Piece>;
  readonly problems: Diagnostic[];
  copies: number;
  /** How many aliases deep the walk is; what is read there is a copy. */
  inside: number;
}

/** Copies YAML nodes into a tree, aliases followed within bounds; refuses merge keys and double keys. */
export function toTree(
  contents: Piece,
  spotAt: SpotAt,
): { readonly tree: Tree; readonly problems: readonly Diagnostic[] } {
  const walk: Walk = { spotAt, anchors: new Map(), open: new Set(), problems: [], copies: 0, inside: 0 };
  const tree = visit(walk, contents, "", 0);
  return { tree, problems: walk.problems };
}

function visit(walk: Walk, piece: Piece, path: string, depth: number): Tree {
  const at = spotOf(walk, piece, path);
  if (walk.inside > 0) walk.copies++;
  if (isAlias(piece)) return follow(walk, piece, at, path, depth);
  if (depth > maxDepth)
    return stop(walk, "yaml_syntax", at, `This is nested deeper than ${maxDepth} levels.`);
  if (piece.tag !== undefined && !plainTag.test(piece.tag)) {
    return stop(
      walk,
      "custom_tag",
      at,
      "Tags are not accepted; write the value itself, in quotes where it begins with an exclamation mark.",
    );
  }
  if (piece.anchor !== undefined) walk.anchors.set(piece.anchor, piece);
  if (isScalar(piece)) return { kind: "scalar", at, value: plain(piece.value) };

  walk.open.add(piece);
  const tree: Tree = isSeq(piece)
    ? {
        kind: "sequence",
        at,
        items: piece.items.map((item, index) => visitAny(walk, item, at, below(path, index), depth)),
      }
    : { kind: "mapping", at, entries: entries(walk, piece, at, path, depth) };
  walk.open.delete(piece);
  return tree;
}

function follow(walk: Walk, alias: Alias, at: Spot, path: string, depth: number): Tree {
  const target = walk.anchors.get(alias.source);
  if (target === undefined)
    return stop(walk, "yaml_syntax", at, `No anchor &${alias.source} stands before this alias.`);
  if (walk.open.has(target))
    return stop(walk, "alias_bomb", at, `The anchor &${alias.source} holds itself; it would never end.`);
  if (walk.copies > maxCopies) {
    return stop(
      walk,
      "alias_bomb",
      at,
      `Aliases blow the file up to over ${maxCopies} values; write the values out.`,
    );
  }
  walk.inside++;
  const tree = visit(walk, target, path, depth);
  walk.inside--;
  return tree;
}

function entries(walk: Walk, map: YAMLMap, at: Spot, path: string, depth: number): readonly Entry[] {
  const seen = new Map<string, Spot>();
  const found: Entry[] = [];
  for (const { key, value } of map.items) {
    const name = keyOf(key);
    const keyAt = isPiece(key) ? spotOf(walk, key, below(path, name ?? "")) : at;
    if (name === null) {
      stop(walk, "yaml_syntax", keyAt, "A key is a single word or text, not a list, a mapping or nothing.");
      continue;
    }
    if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
      stop(
        walk,
        "merge_key",
        keyAt,
        "Merge keys (<<) are not accepted, because readers cannot see what wins; write the keys out.",
      );
      continue;
    }
    const before = seen.get(name);
    if (before !== undefined) {
      const related = [
        {
          file: before.file,
          line: before.line,
          column: before.column,
          message: `"${name}" stands here first.`,
        },
      ];
      const problem = diagnostic(
        "duplicate_key",
        keyAt,
        `The key "${name}" stands here for the second time; delete one of the two.`,
        { related },
      );
      if (walk.problems.length < 200) walk.problems.push(problem);
      continue;
    }
    if (name === "__proto__") {
      stop(walk, "unknown_key", keyAt, 'The key "__proto__" is not accepted anywhere; choose another name.');
      continue;
    }
    seen.set(name, keyAt);
    found.push({ key: name, keyAt, value: visitAny(walk, value, keyAt, below(path, name), depth) });
  }
  return found;
}

function visitAny(walk: Walk, value: unknown, parent: Spot, path: string, depth: number): Tree {
  if (isPiece(value)) return visit(walk, value, path, depth + 1);
  return { kind: "scalar", at: { ...parent, path }, value: null };
}

function stop(walk: Walk, code: DiagnosticCode, at: Spot, message: string): Tree {
  // A bomb would otherwise be reported once for each of its aliases.
  const once = code === "alias_bomb" && walk.problems.some((problem) => problem.code === code);
  if (!once && walk.problems.length < 200) walk.problems.push(diagnostic(code, at, message));
  return { kind: "scalar", at, value: null };
}

const isPiece = (value: unknown): value is Piece =>
  isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);

function spotOf(walk: Walk, piece: Piece, path: string): Spot {
  const [from, to] = piece.range ?? [0, 0];
  return walk.spotAt(from, to, path);
}

/** Keys keep their spelling: `1.10:` is the name "1.10". */
function keyOf(key: unknown): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === null ? null : String(value);
}
